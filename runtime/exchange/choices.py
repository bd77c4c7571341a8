"""Choices: what a column's select offers, what a choice means, and how choices correct a guessed mapping."""
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from metadata.model.module import Module
from runtime.errors import Invalid
from runtime.exchange import mapping as mappings
from runtime.exchange.mapping import Mapping_, Target
from runtime.locale.text import _
from runtime.records import shown
from runtime.records.people import PEOPLE
from runtime.security import policy
from runtime.tables.published import Published
from runtime.values import Actor

DAY_FIRST, MONTH_FIRST = "#dmy", "#mdy"
HANDLED = ("create", "update", "skip")


def written(target: Target) -> str:
    if target.hints and "day_first" in target.hints:
        return target.path + (DAY_FIRST if target.hints["day_first"] else MONTH_FIRST)
    return f"{target.path}|{target.match}" if target.match else target.path


def targets(now: Published, actor: Actor, module: Module) -> list[tuple[str, str]]:
    """(choice, label) of everything a column can go into: links by each field that names a record, dates by their order."""
    made: list[tuple[str, str]] = []
    for path, label in mappings.choices(now, actor, module):
        field = module.by_name[path.partition(".")[0]]
        kind = now.type(field)
        target = kind.target(field)
        if target and target != PEOPLE.name:
            other = now.module(target)
            keys = dict.fromkeys([other.name_field, *(one.name for one in other.fields if one.unique)])
            for key in keys:
                if key in policy.readable(actor, other):
                    by = shown.label(now, actor, other, other.by_name[key])
                    made.append((path if key == other.name_field else f"{path}|{key}",
                                 _("%(field)s (find by %(key)s)", field=label, key=by)))
        elif target:
            made.append((path, _("%(field)s (find by name or address)", field=label)))
        else:
            made.append((path, label))
            if kind.speaks in ("date", "datetime") and path == field.name:
                made.append((path + DAY_FIRST, _("%(field)s (day/month/year)", field=label)))
                made.append((path + MONTH_FIRST, _("%(field)s (month/day/year)", field=label)))
    return made


def chosen(before: Mapping_, headings: Sequence[str], choices: Mapping[str, str]) -> Mapping_:
    """The mapping with what the selects say: {heading: choice, "" = leave out}. What else a target says is kept.

    A field that is chosen anew leaves the column it was guessed for; chosen twice it is refused.
    """
    columns = dict(before.columns)
    anew: dict[str, str] = {}
    for heading in headings:
        if heading not in choices:
            continue
        choice = choices[heading]
        old = columns.get(heading, ())
        if (written(old[0]) if old else "") == choice:
            continue
        if not choice:
            columns.pop(heading, None)
            continue
        target = _target(choice)
        if target.path in anew:
            raise Invalid({target.path: [_("“%(first)s” and “%(second)s” cannot go into the same field. Leave one of them out.",
                                           first=anew[target.path], second=heading)]})
        anew[target.path] = heading
        columns[heading] = (target, *old[1:])
    columns = {heading: kept for heading, targets in columns.items()
               if (kept := tuple(target for target in targets if anew.get(target.path, heading) == heading))}
    paths = {target.path for targets in columns.values() for target in targets}
    return replace(before, columns=columns, match=before.match if before.match in paths else "")


def _target(choice: str) -> Target:
    for mark in (DAY_FIRST, MONTH_FIRST):
        if choice.endswith(mark):
            return Target(choice.removesuffix(mark), hints={"day_first": mark == DAY_FIRST})
    path, _bar, match = choice.partition("|")
    return Target(path, match)


def handled(before: Mapping_, match: str, on_match: str, on_duplicate: str) -> Mapping_:
    """The mapping with what happens to rows that are known. Raises Invalid for what nobody can do with them."""
    wrong = {name: [_("Choose what happens with rows that are known.")]
             for name, said in (("on_match", on_match), ("on_duplicate", on_duplicate)) if said not in HANDLED}
    if wrong:
        raise Invalid(wrong)
    return replace(before, match=match, on_match=on_match, on_duplicate=on_duplicate)


def translated(before: Mapping_, heading: str, values: Mapping[str, str]) -> Mapping_:
    """The mapping in which cells of one column stand for other words ("GTXPro" for "GTX Pro")."""
    columns = dict(before.columns)
    first, *rest = columns[heading]
    kept = {**(first.values or {}), **{cell: meant.strip() for cell, meant in values.items() if meant.strip()}}
    columns[heading] = (replace(first, values=kept or None), *rest)
    return replace(before, columns=columns)


@dataclass(frozen=True)
class Corrections:
    """What corrects guesses. columns: {heading: choice, "" = leave out}; values: {heading: {cell: what it stands for}}."""
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]

    def of(self, mapping: Mapping_, headings: Sequence[str]) -> Mapping_:
        """Raises Invalid for a column the file does not have, or one whose cells go nowhere."""
        for heading in (*self.columns, *self.values):
            if heading not in headings:
                raise Invalid({heading: [_("The file has no column “%(heading)s”. It has: %(headings)s.", heading=heading,
                                           headings=", ".join(headings[:40]))]})
        mapping = chosen(mapping, headings, self.columns)
        for heading, values in self.values.items():
            if heading not in mapping.columns:
                raise Invalid({heading: [_("Column “%(heading)s” goes into no field. Choose one for it first.", heading=heading)]})
            mapping = translated(mapping, heading, values)
        return mapping


NONE = Corrections({}, {})
