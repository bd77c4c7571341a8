"""Alike: rows of a file that are probably a record which is here already, or an earlier row, by the module's duplicate rules."""
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from metadata.model.duplicate_rule import DuplicateRule
from runtime.exchange.loading import Loader
from runtime.exchange.rows import Loaded
from runtime.locale.text import _
from runtime.records import duplicates
from runtime.records.duplicates import Match
from runtime.records.likeness import digits, words

MOST = 50
"""Earlier rows of a batch that a row is compared with."""


class Sorted:
    """Rows on their way. new: to be written; known: (record id, row) to be changed; again: to be looked at once those are
    written; told: notes; left, wrong: rows that are left out, or refused."""

    def __init__(self) -> None:
        self.new: list[Loaded] = []
        self.known: list[tuple[int, Loaded]] = []
        self.again: list[Loaded] = []
        self.told: list[dict[str, Any]] = []
        self.left: list[Loaded] = []
        self.wrong: list[Loaded] = []


def applying(loader: Loader, *, looking: bool) -> list[DuplicateRule]:
    """The rules to ask. Where such rows are taken all the same, only those that forbid it; looking: all of them, to tell of it."""
    given = {path.partition(".")[0] for path in (*loader.headings, *loader.beginnings, "owner")}
    return [rule for rule in duplicates.rules(loader.now, loader.module.name) if given.issuperset(duplicates.fields(rule))
            and (looking or loader.mapping.on_duplicate != "create" or rule.action == "block")]


def sort_out(connection: Any, loader: Loader, asked: Sequence[DuplicateRule], rows: list[Loaded]) -> Sorted:
    """What becomes of rows that no key was found for."""
    made = Sorted()
    values = [{"owner": loader.actor.user_id, **loader.new(row)} for row in rows]
    first: dict[int, tuple[DuplicateRule, list[Match]]] = {}
    for rule in asked:
        for at, found in duplicates.likes(connection, loader.now, loader.actor, loader.module, rule, values).items():
            first.setdefault(at, (rule, found))
    twins = _twins(asked, values, first.keys())
    for at, row in enumerate(rows):
        if at in twins:
            made.again.append(row)
        elif at in first:
            _place(made, loader, row, *first[at])
        else:
            made.new.append(row)
    return made


def _place(made: Sorted, loader: Loader, row: Loaded, rule: DuplicateRule, found: list[Match]) -> None:
    by, what = duplicates.said(loader.module, rule), loader.mapping.on_duplicate
    title = _title(loader, found[0])
    said = {"title": title[:120], "fields": by}
    seen = [match for match in found if match.seen]
    if what == "create" and rule.action == "block":
        _refuse(made, row, by, title, _("It is like “%(title)s” by %(fields)s, and the duplicate rule forbids that.", **said))
    elif what == "create":
        made.new.append(row)
        _tell(made, loader, row, by, found[0], title, _("Taken, though it is like “%(title)s” by %(fields)s.", **said))
    elif what == "skip":
        made.left.append(row)
        _tell(made, loader, row, by, found[0], title, _("Left out: it is like “%(title)s” by %(fields)s.", **said))
    elif not seen:
        _refuse(made, row, by, "", _("It is like a record you cannot see, by %(fields)s.", fields=by))
    elif len(seen) > 1:
        _refuse(made, row, by, title, _(
            "It is like “%(title)s” and others by %(fields)s; which one it means cannot be said.", **said))
    elif any(record_id == seen[0].id for record_id, _row in made.known):
        made.again.append(row)
    else:
        made.known.append((seen[0].id, row))
        one = _title(loader, seen[0])
        _tell(made, loader, row, by, seen[0], one,
              _("Changes “%(title)s”, which it is like by %(fields)s.", title=one[:120], fields=by))


def _title(loader: Loader, match: Match) -> str:
    if match.id in loader.made:
        return _("row %(row)s of this file", row=loader.made[match.id])
    return match.title if match.seen else _("a record you cannot see")


def _tell(made: Sorted, loader: Loader, row: Loaded, by: str, match: Match, title: str, sentence: str) -> None:
    trial = match.id in loader.made
    made.told.append({"row_no": row.row_no, "kind": "duplicate", "heading": by, "value": title[:200], "reason": sentence,
                      "record_id": match.id if match.seen and not trial else None})


def _refuse(made: Sorted, row: Loaded, by: str, title: str, sentence: str) -> None:
    row.problems += ((by, title[:200], sentence),)
    made.wrong.append(row)


def _twins(asked: Sequence[DuplicateRule], rows: Sequence[Mapping[str, Any]], known: Any) -> set[int]:
    """Places of rows that are like an earlier row which will be a record by then."""
    found: set[int] = set()
    for rule in asked:
        earlier: dict[Any, list[int]] = defaultdict(list)
        for at, row in enumerate(rows):
            if at in known or at in found or not duplicates.complete(rule, row):
                continue
            keys = list(_keys(rule, row))
            near = dict.fromkeys(other for key in keys for other in earlier[key][:MOST])
            if any(duplicates.alike(rule, row, rows[other]) for other in near):
                found.add(at)
                continue
            for key in keys:
                earlier[key].append(at)
    return found


def _keys(rule: DuplicateRule, row: Mapping[str, Any]) -> Iterator[Any]:
    """What rows that are alike share: everything compared but what may only be similar, and one word of that."""
    firm, loose = [], []
    for one in rule.compare:
        by, value = one.get("by", "folded"), row[one["field"]]
        if by == "similar":
            loose = loose or [*words(str(value)), *(word[:3] for word in words(str(value)))]
        else:
            firm.append(value if by == "exact" else digits(value) if by == "digits" else " ".join(words(str(value))))
    key = tuple(str(each) for each in firm)
    return iter([(*key, word) for word in dict.fromkeys(loose)] or [key])
