"""Is a scenario sound: whatever it calls by name was given or made before, and no name means two records."""
from collections.abc import Iterator, Mapping
from typing import Any

from metadata.errors import Problem
from metadata.model.scenario import Scenario
from metadata.words import say


def problems(scenario: Scenario) -> Iterator[Problem]:
    known: set[str] = set()
    for given in scenario.given:
        where = f"{scenario.path}#given.{given['name']}"
        yield from _unknown(used(given.get("values", {})), known, where)
        yield from _twice([given["name"]], known, where)
    for part in ("when", "then"):
        for position, each in enumerate(getattr(scenario, part)):
            settings, where = each.get("settings", {}), f"{scenario.path}#{part}.{position}"
            yield from _unknown(used(settings), known, where)
            yield from _twice(made(settings), known, where)


def used(settings: Any) -> Iterator[str]:
    """The names of records that values or settings mention: {"record": "acme"}, wherever it stands."""
    if isinstance(settings, Mapping):
        for name, value in settings.items():
            if name == "record" and isinstance(value, str):
                yield value
            else:
                yield from used(value)
    elif isinstance(settings, (list, tuple)):
        for value in settings:
            yield from used(value)


def made(settings: Mapping[str, Any]) -> list[str]:
    """The names a step gives to the records it makes: one `name`, or `names` {module: name}."""
    names = [settings.get("name"), *(settings["names"].values() if isinstance(settings.get("names"), Mapping) else ())]
    return [name for name in names if isinstance(name, str) and name]


def modules(scenario: Scenario) -> set[str]:
    """The modules it names."""
    found = {given["module"] for given in scenario.given}
    for each in (*scenario.when, *scenario.then):
        settings = each.get("settings", {})
        found |= {settings.get("module"), *(settings["names"] if isinstance(settings.get("names"), Mapping) else ())}
    return {name for name in found if isinstance(name, str)}


def roles(scenario: Scenario) -> set[str]:
    """The ids of the roles it names."""
    def named(value: Any) -> Iterator[str]:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if name in ("as", "person") and isinstance(inner, str):
                    yield inner
                else:
                    yield from named(inner)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from named(inner)

    return set(named([scenario.given, scenario.when, scenario.then])) - {""}


def _unknown(names: Iterator[str], known: set[str], where: str) -> Iterator[Problem]:
    for name in names:
        if name not in known:
            yield Problem(where, say("No record is called '%(name)s' at this point. Known: %(known)s.", name=name[:40],
                                     known=', '.join(sorted(known)) or say("none")))


def _twice(names: list[str], known: set[str], where: str) -> Iterator[Problem]:
    for name in names:
        if name in known:
            yield Problem(where, say("Two records are called '%(name)s'. Give one another name.", name=name))
        known.add(name)
