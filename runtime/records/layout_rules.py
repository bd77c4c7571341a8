"""Layout rules in force: which fields and sections stand there, which must be filled in, which nobody may change now."""
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from metadata.model.layout import Layout
from metadata.model.layout_rule import LayoutRule
from metadata.model.module import Module
from runtime.records import layouts
from runtime.records.facts import Facts, ValueScope, paths_of
from runtime.records.list_state import may_ask
from runtime.tables import criteria
from runtime.tables.published import Published
from runtime.values import HOUSE, Actor, Moment


@dataclass(frozen=True)
class InForce:
    """What the rules say of a record as it stands. hidden: fields, sections: sections that are not there.

    required, locked: {field: the rule that says so}.
    """
    hidden: frozenset[str]
    sections: frozenset[str]
    required: Mapping[str, LayoutRule]
    locked: Mapping[str, LayoutRule]


@dataclass(frozen=True)
class Rules:
    """The active rules of a module, compiled once per published version."""
    facts: Facts
    each: tuple[tuple[LayoutRule, Callable[[Mapping[str, Any], Moment], Any]], ...]


def of(now: Published, module: Module) -> Rules | None:
    """None where a module has no rules."""
    def compile() -> Rules | None:
        active = [rule for rule in now.definitions.of(LayoutRule, module.name) if rule.active]
        if not active:
            return None
        scope = ValueScope(now, module)
        facts = Facts(now, module, set().union(*(paths_of(rule.when) for rule in active)))
        return Rules(facts, tuple((rule, criteria.as_python(rule.when, scope)) for rule in active))

    return now.once(("layout rules", module.name), compile)


def needs(now: Published, module: Module) -> list[str]:
    """First steps of the paths the rules name: what has to be known of a record."""
    rules = of(now, module)
    return sorted({path[0] for rule, _test in rules.each for path in paths_of(rule.when)}) if rules else []


def watched(now: Published, module: Module) -> frozenset[str]:
    """Fields whose values may bring a rule into force, those that formulas read included."""
    rules = of(now, module)
    return frozenset(rules.facts.fields) if rules else frozenset()


def named(now: Published, module: Module, layout: Layout, *what: str) -> frozenset[str]:
    """Fields (or sections) of a layout that a rule may do this to: "show", "hide", "require", …"""
    rules = of(now, module)
    mine = [rule for rule, _test in rules.each if rule.layout in ("", layout.id)] if rules else []
    return frozenset(name for rule in mine for each in what for name in getattr(rule, each))


def in_force(now: Published, actor: Actor, module: Module, layout: Layout, values: Mapping[str, Any], moment: Moment,
             *, house: bool = False) -> InForce:
    """For the form this actor has. A rule about what the actor may not read never holds for them: what stands there would
    tell it. house: such rules hold all the same, to be obeyed and not to be seen."""
    rules = of(now, module)
    mine = [(rule, test) for rule, test in rules.each if rule.layout in ("", layout.id)] if rules else []
    if rules is None or not mine:
        return NOTHING
    known = rules.facts.gather(values, moment, HOUSE if house else actor)
    holding = [rule for rule, test in mine if test(known, moment) is True
               and (house or may_ask(now, actor, module, rule.when))]

    def together(what: str, among: Iterable[LayoutRule]) -> set[str]:
        return {name for rule in among for name in getattr(rule, what)}

    every = [rule for rule, _test in mine]
    hidden = together("show", every) - together("show", holding) | together("hide", holding)
    sections = together("show_sections", every) - together("show_sections", holding) | together("hide_sections", holding)
    required = {name: rule for rule in holding for name in rule.require if name not in hidden}
    if required:
        out = [each for each in layout.sections if each["name"] in sections
               or not layouts.section_stands(now, actor, module, layout, each, values, moment)]
        gone = {name for each in out for name in each["fields"]}
        gone -= {name for each in layout.sections if each not in out for name in each["fields"]}
        required = {name: rule for name, rule in required.items() if name not in gone}
    return InForce(frozenset(hidden), frozenset(sections), required, {name: rule for rule in holding for name in rule.read_only})


NOTHING = InForce(frozenset(), frozenset(), {}, {})
