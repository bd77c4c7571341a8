"""A scenario in plain words: "Given an Account “Bến Nghé” …; when a Sales rep saves …; then it is refused: …"."""
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from builder import choices, criteria_editor
from metadata import scenarios
from metadata.definitions import Definitions
from metadata.model.module import Module
from metadata.model.scenario import Scenario
from runtime.kinds.kind import catalogue
from runtime.locale.text import _, ngettext

_DAY = re.compile(r"today(?:([+-])(\d{1,4}))?((?:\s+\d{1,2}:\d{2})?)")


@dataclass(frozen=True)
class Line:
    """place: as an outcome names it ("given.acme", "when.0"); label: what kind of line it is."""
    part: str
    place: str
    text: str


class Telling:
    """What the kinds of steps and expectations ask to say themselves; names of records become their titles."""

    def __init__(self, definitions: Definitions, scenario: Scenario):
        self.definitions = definitions
        self.known: dict[str, tuple[str, str]] = {}
        for given in scenario.given:
            self._note(given["name"], given["module"], given.get("values", {}))
        for each in scenario.when:
            settings = each.get("settings", {})
            if isinstance(settings.get("names"), Mapping):
                self.known |= {name: (module, "") for module, name in settings["names"].items()}
            elif scenarios.made(settings):
                self._note(settings["name"], str(settings.get("module", "")), settings.get("values", {}))

    def _note(self, name: str, module: str, values: Mapping[str, Any]) -> None:
        home = self.definitions.modules.get(module)
        title = values.get(home.name_field) if home else None
        self.known[name] = (module, title if isinstance(title, str) else "")

    def person(self, role: str | None) -> str:
        found = next((each for each in self.definitions.roles.values() if each.id == role), None)
        return choices.of_document(self.definitions, found) if found else role or _("An administrator")

    def module(self, name: str) -> str:
        home = self.definitions.modules.get(name)
        return choices.of_module(self.definitions, home, "label") if home else name

    def new(self, module: str, name: str | None) -> str:
        _module, title = self.known.get(name or "", ("", ""))
        return f"{self.module(module)} “{name}”" if name and not title else self.module(module)

    def record(self, name: str) -> str:
        module, title = self.known.get(name, ("", ""))
        return f"{self.module(module)} “{title or name}”" if module else f"“{name}”"

    def field(self, module: str, path: str) -> str:
        return choices.path_label(self.definitions, self.definitions.modules.get(module), path)

    def button(self, module: str, name: str) -> str:
        found = next((each for each in self.definitions.buttons_of(module) if each.name == name), None)
        return choices.of_document(self.definitions, found) if found else name

    def values(self, module: str, values: Mapping[str, Any]) -> str:
        home = self.definitions.modules.get(module)
        order = {field.name: number for number, field in enumerate(home.all_fields)} if home else {}
        listed = sorted(values.items(), key=lambda each: order.get(each[0].partition(".")[0], len(order)))
        return ", ".join(f"{self.field(module, path)}: {self.value(home, path, value)}" for path, value in listed) or _("nothing")

    def which(self, module: str, condition: Any, values: Mapping[str, Any]) -> str:
        home = self.definitions.modules.get(module)
        said = [criteria_editor.summary(self.definitions, home, condition)] if condition and home else []
        said += [self.values(module, values)] if values else []
        return f"{self.module(module)}" + (f" ({'; '.join(said)})" if said else "")

    def value(self, module: Module | None, path: str, value: Any) -> str:
        if value is None or value == "":
            return _("nothing")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, Mapping):
            if set(value) == {"record"}:
                return f"“{self.known.get(value['record'], ('', ''))[1] or value['record']}”"
            if set(value) == {"person"}:
                return self.person(value["person"])
            return self.values(module.name if module else "", {f"{path}.{part}": inner for part, inner in value.items()})
        if isinstance(value, (list, tuple)):
            return " · ".join(self.value(module, path, each) for each in value)
        if isinstance(value, str) and (day := _DAY.fullmatch(value.strip())):
            return _day(*day.groups())
        if isinstance(value, (int, float)):
            return f"{value:,}"
        return self._choice(module, path, str(value))

    def _choice(self, module: Module | None, path: str, value: str) -> str:
        field = module.by_name.get(path) if module else None
        known = field.settings.get("choices", ()) if field else ()
        label = next((each["label"] for each in known if isinstance(each, Mapping) and each.get("value") == value), value)
        place = f"modules.{module.name}.fields.{path}.choices.{value}" if module else ""
        return choices.label(self.definitions, place, label)


def _day(sign: str | None, days: str | None, hour: str) -> str:
    count = int(days or 0)
    if not count:
        said = _("today")
    elif sign == "-":
        said = ngettext("%(n)s day ago", "%(n)s days ago", count, n=count)
    else:
        said = ngettext("in %(n)s day", "in %(n)s days", count, n=count)
    return said + hour


def lines(definitions: Definitions, scenario: Scenario) -> list[Line]:
    """Every part of it, one sentence each, in order."""
    tell, found = Telling(definitions, scenario), []
    for given in scenario.given:
        text = _("%(module)s with %(values)s", module=tell.module(given["module"]),
                 values=tell.values(given["module"], given.get("values", {})))
        if given.get("as"):
            text = _("%(record)s, owned by a %(role)s", record=text, role=tell.person(given["as"]))
        found.append(Line("given", f"given.{given['name']}", text))
    for part, family, key in (("when", "scenario_steps", "step"), ("then", "expectations", "expect")):
        for position, each in enumerate(getattr(scenario, part)):
            known = catalogue().has(family, each[key])
            text = catalogue().get(family, each[key]).said(tell, dict(each.get("settings", {}))) if known else each[key]
            found.append(Line(part, f"{part}.{position}", text))
    return found
