"""A proposal: the test that a recording would be, one of everything that was done and one for each refusal."""
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from builder.ids import name_of, new_id
from builder.recording import shown
from metadata import expression
from metadata.definitions import Definitions
from metadata.model.module import USERS, Module
from metadata.model.scenario import Scenario
from runtime.db import clock
from runtime.fields.uploads import FileId
from runtime.locale.text import _
from runtime.records.form import form_of
from runtime.tables.published import current
from runtime.values import Actor

FAR = timedelta(days=400)
"""Days nearer than this are kept as so many days from today."""
DEEP = 3
"""How many links away from what was touched a record is still brought along."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def proposals(definitions: Definitions, actor: Actor, recording: Mapping[str, Any]) -> list[Scenario]:
    """One test of everything that was done, and one for each refusal with what was done before it."""
    lines, found = list(recording["lines"]), []
    done = [line for line in lines if not line.get("refused")]
    if done:
        found.append(_Proposal(definitions, actor, recording["role"]).of(done, None))
    for at, line in enumerate(lines):
        if line.get("refused"):
            before = [each for each in lines[:at] if not each.get("refused")]
            found.append(_Proposal(definitions, actor, recording["role"]).of(before, line))
    return named(found, definitions)


def named(scenarios: Sequence[Scenario], definitions: Definitions) -> list[Scenario]:
    """Each with an api name made from its label, that nothing else has."""
    taken = {each.name for each in definitions.of(Scenario)}
    found = []
    for each in scenarios:
        name = name_of(each.label, taken, what="scenario")
        taken.add(name)
        found.append(replace(each, name=name))
    return found


def saying(scenario: Scenario, message: str) -> Scenario:
    """With these words expected of its refusal, where it has one."""
    if not message:
        return scenario
    then = tuple({**each, "settings": {**each.get("settings", {}), "message": message[:500]}} if each["expect"] == "refused"
                 else each for each in scenario.then)
    return replace(scenario, then=then)


class _Proposal:
    def __init__(self, definitions: Definitions, actor: Actor, role: str):
        self.now, self.definitions, self.actor = current(), definitions, actor
        self.role = next((each.id for each in definitions.roles.values() if each.name == role), "")
        self.names: dict[tuple[str, int], str] = {}
        self.given: list[dict[str, Any]] = []
        self.befores: dict[tuple[str, int], Mapping[str, Any]] = {}

    def of(self, lines: Sequence[Mapping[str, Any]], refused: Mapping[str, Any] | None) -> Scenario:
        for line in (*lines, *([refused] if refused else ())):
            if line["verb"] != "create" and line["before"]:
                self.befores.setdefault((line["module"], line["record"]), line["before"])
        born = {(line["module"], line["record"]) for line in lines if line["verb"] == "create"}
        born |= {(module, number) for line in lines for module, number in line.get("made", ())}
        self.born = born
        when = [self.step(line) for line in lines]
        if refused:
            when.append(self.step(refused))
            where = refused["refused"]["field"]
            then = [{"expect": "refused", "settings": {"field": where}} if where else {"expect": "refused"}]
            reason = refused["refused"]["message"] or self.now.module(refused["module"]).plural
            label = _("Refused: %(reason)s", reason=reason)
        else:
            then = list(self.expected(lines))
            last = lines[-1]
            label = _("%(module)s: recorded test", module=self.now.module(last["module"]).label)
        return Scenario(id=new_id("scn"), name="recorded", label=label[:120], given=tuple(self.given), when=tuple(when),
                        then=tuple(then))

    def step(self, line: Mapping[str, Any]) -> dict[str, Any]:
        settings: dict[str, Any] = {"as": self.role} if self.role else {}
        settings["module"] = line["module"]
        if line["verb"] != "create":
            settings["record"] = self.called(line["module"], line["record"])
        if "values" in line:
            settings["values"] = self.values(line["module"], line["values"], 0)
        if line["verb"] == "create" and line["record"] is not None:
            settings["name"] = self.name(line["module"], line["record"], line["values"])
        if line.get("button"):
            settings["button"] = line["button"]
        if line.get("made"):
            settings["names"] = {module: self.name(module, number, {}) for module, number in line["made"]}
        return {"step": line["verb"], "settings": settings}

    def expected(self, lines: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """What each record holds in the end, of what was given, what became of it and what is computed from it."""
        touched: dict[tuple[str, int], set[str]] = {}
        last: dict[tuple[str, int], Mapping[str, Any]] = {}
        for line in lines:
            at, after = (line["module"], line["record"]), line.get("after", {})
            if line["verb"] == "delete":
                last.pop(at, None)
                continue
            changed = {path for path in {*after, *line["before"]} if after.get(path) != line["before"].get(path)}
            touched.setdefault(at, set()).update(line.get("values", ()), changed if line["verb"] != "create" else ())
            last[at] = after
        found = False
        for (module, number), after in last.items():
            home = self.now.module(module)
            paths = [path for path in after if self._steady(home, path, touched[module, number])]
            if paths:
                found = True
                yield {"expect": "values", "settings": {
                    "module": module, "record": self.names[module, number],
                    "values": self.values(module, {path: after[path] for path in paths}, 0)}}
        if not found:
            module = lines[-1]["module"]
            yield {"expect": "exists", "settings": {"module": module, "count": sum(name == module for name, _n in last)}}

    def _steady(self, home: Module, path: str, touched: set[str]) -> bool:
        """Worth expecting: given or changed, or computed from that, and the same tomorrow."""
        known = home.by_name.get(path.partition(".")[0])
        if known is None or known.name == "owner" or self.now.type(known).rolls_up(known):
            return False
        text = self.now.type(known).expression(known)
        if text is None:
            return path in touched and path in form_of(self.now, home).entries
        node = expression.parse(text)
        return not expression.depends_on_time(node) and all(
            len(each) == 1 and self._own(home, each[0]) for each in expression.names(node)) and bool(
                {each[0] for each in expression.names(node)} & {each.partition(".")[0] for each in touched})

    def _own(self, home: Module, name: str) -> bool:
        known = home.by_name.get(name)
        return known is not None and self.now.type(known).writable

    def values(self, module: str, values: Mapping[str, Any], deep: int) -> dict[str, Any]:
        home, found = self.now.module(module), {}
        for path, value in values.items():
            known = home.field(path.partition(".")[0])
            if known is None:
                continue
            target = self.now.type(known).target(known) if "." not in path else None
            if target == USERS.name:
                if value is not None and value != self.actor.user_id:
                    continue                        # somebody who is not there where the test runs
                value = {"person": self.role} if self.role and value is not None else None
                if value is None:
                    continue
            elif target and value is not None:
                name = self.called(target, value, deep + 1) if isinstance(value, int) else None
                if name is None:
                    continue
                value = {"record": name}
            elif isinstance(value, str) and _DAY.fullmatch(value):
                value = self._day(value)
            found[path] = _number(value) if isinstance(value, Decimal) else value
        return found

    def called(self, module: str, number: int, deep: int = 0) -> str | None:
        """The name of a record; one that was there before is given, as it was then."""
        if (module, number) in self.names:
            return self.names[module, number]
        if (module, number) in self.born or deep > DEEP:
            return None
        before = self.befores.get((module, number)) or shown(self.now, self.actor, module, number)
        if not before:
            return None
        name = self.name(module, number, before)
        home = self.now.module(module)
        form = form_of(self.now, home)
        kept = {path: value for path, value in before.items()
                if path in form.entries and path != "owner" and not isinstance(form.entries[path][2], FileId)
                and (deep < 2 or path == home.name_field or home.by_name[path.partition(".")[0]].required)}
        values = self.values(module, kept, deep)
        self.given.append({"name": name, "module": module, **({"as": self.role} if self.role else {}), "values": values})
        return name

    def name(self, module: str, number: int, values: Mapping[str, Any]) -> str:
        home = self.now.module(module)
        title = values.get(home.name_field) or home.label
        made = name_of(str(title)[:30], set(self.names.values()), what="record")
        self.names[module, number] = made
        return made

    def _day(self, text: str) -> str:
        try:
            apart = date.fromisoformat(text) - clock.now().date()
        except ValueError:
            return text
        if abs(apart) > FAR:
            return text
        return f"today{apart.days:+d}" if apart else "today"


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)
