"""Does work get done? Deliveries that are due and wait, and dead letters."""
import sqlalchemy as sa

from runtime.db import outbox
from runtime.kinds.check import Check, Finding


class Deliveries(Check):
    name = "deliveries"
    label = "Deliveries"

    def look(self, connection: sa.Connection) -> Finding:
        standing = outbox.standing(connection)
        if standing["dead"]:
            last = connection.execute(sa.text("SELECT listener, error FROM house.delivery WHERE state = 'dead' "
                                              "ORDER BY id DESC LIMIT 1")).one()
            why = (last.error or "").strip().splitlines()[-1:] or [""]
            return Finding(False, f"{standing['dead']} dead letters, the last of {last.listener}: {why[0]} "
                                  "Mend the cause, then: crm doctor --replay", standing)
        if standing["late"]:
            return Finding(False, f"{standing['late']} deliveries have been due for over a minute. Is a worker running?",
                           standing)
        return Finding(True, f"{standing['ready']} waiting, {standing['leased']} being worked on, none dead.", standing)
