"""Is history sealed, and does the last seal stand where the chain ends? `crm verify-audit` looks at every row."""
from datetime import timedelta

import sqlalchemy as sa

from runtime.db import clock
from runtime.kinds.check import Check, Finding
from runtime.records import audit_checks, seals

LATE = timedelta(minutes=15)


class Audit(Check):
    name = "audit"
    label = "Audit"

    def look(self, connection: sa.Connection) -> Finding:
        standing = seals.standing(connection)
        figures = {"seals": standing.number, "head": standing.head, "waiting": standing.waiting}
        if not standing.whole:
            return Finding(False, "The last seal of the history is not the one that was made last. Run: crm verify-audit", figures)
        last = audit_checks.latest()
        if last is not None and last.differences:
            return Finding(False, f"The last check, {last.at:%Y-%m-%d %H:%M}, found: {last.differences[0].sentence} "
                                  "Run: crm verify-audit", figures)
        if standing.oldest is not None and max(standing.oldest, standing.at or standing.oldest) < clock.now() - LATE:
            return Finding(False, f"Changes that wait to be sealed: {standing.waiting:,}, the oldest since "
                                  f"{standing.oldest:%Y-%m-%d %H:%M}. Is a clock running, or a transaction open for long?", figures)
        return Finding(True, f"Seals: {standing.number:,}; changes that wait for the next: {standing.waiting:,}.", figures)
