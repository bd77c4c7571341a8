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
        now = current()
        asked: dict[str, set[int]] = defaultdict(set)
        fields = links.of(now, changes[0].module)
        chosen: list[tuple[int, Field, str, int]] = []
        for field, target in fields:
            name, people, wanted = field.name, target == PEOPLE.name, asked[target]
            for at, change in enumerate(changes):
                value = change.after.get(name)
                if value is not None and value != change.before.get(name) and not (people and value == change.actor.user_id):
                    chosen.append((at, field, target, value))
                    wanted.add(value)
        known = links.seen(now, tx.connection, changes[0].actor, {target: ids for target, ids in asked.items() if ids})
        wrong: dict[int, dict[str, list[str]]] = defaultdict(dict)
        for at, field, target, value in chosen:
            if (target, value) not in known:
                wrong[at][field.name] = [_("There is no such record for %(label)s, or it is not shared with you. Choose another.",
                                           label=labels.of_field(changes[at].module, field))]
        return [Invalid(wrong[at]) if at in wrong else None for at in range(len(changes))]
