"""Links: a reference must point to a record that exists and that the actor may see (safety T16)."""
from collections import defaultdict
from typing import Any

from metadata.model.field import Field
from runtime.errors import Invalid, RuntimeProblem
from runtime.kinds.record_step import RecordStep
from runtime.locale.text import _
from runtime.records import links
from runtime.records.people import PEOPLE
from runtime.tables import labels
from runtime.tables.published import current
from runtime.values import Change


class Links(RecordStep):
    name = "links"
    label = "Linked records"
    order = 10

    def derive(self, tx: Any, change: Change) -> None:
        """A link one cannot see was shown as empty; sent back empty, it is kept."""
        if change.verb != "update" or change.actor.user_id is None:
            return
        now = current()
        emptied = {field.name: (target, change.before[field.name]) for field, target in links.of(now, change.module)
                   if target != PEOPLE.name and change.after.get(field.name) is None and change.before.get(field.name) is not None}
        if emptied:
            asked: dict[str, set[int]] = defaultdict(set)
            for target, value in emptied.values():
                asked[target].add(value)
            known = links.seen(now, tx.connection, change.actor, asked)
            change.after |= {name: value for name, (target, value) in emptied.items() if (target, value) not in known}

    def guard(self, tx: Any, change: Change) -> None:
        problem, = self.guard_all(tx, [change])
        if problem is not None:
            raise problem

    def guard_all(self, tx: Any, changes: list[Change]) -> list[RuntimeProblem | None]:
        """One question for all links of all changes."""
        now, actor = current(), changes[0].actor
        fields = links.of(now, changes[0].module)
        asked: dict[str, set[int]] = defaultdict(set)
        for field, target in fields:
            name = field.name
            asked[target] |= {value for change in changes
                              if (value := change.after.get(name)) is not None and value != change.before.get(name)}
        asked[PEOPLE.name].discard(actor.user_id or 0)          # oneself is there
        known = links.seen(now, tx.connection, actor, {target: ids for target, ids in asked.items() if ids})
        missing = {(target, value) for target, ids in asked.items() for value in ids} - known
        return [_wrong(change, fields, missing) for change in changes] if missing else [None] * len(changes)


def _wrong(change: Change, fields: list[tuple[Field, str]], missing: set[tuple[str, int]]) -> Invalid | None:
    """missing: (target, id) of what was chosen and is not there for the actor."""
    found = {field.name: [_("There is no such record for %(label)s, or it is not shared with you. Choose another.",
                            label=labels.of_field(change.module, field))]
             for field, target in fields
             if (value := change.after.get(field.name)) != change.before.get(field.name) and (target, value) in missing}
    return Invalid(found) if found else None
