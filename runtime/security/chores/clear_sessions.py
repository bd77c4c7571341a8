"""Clear sessions: forget those that are over, by age or by idleness."""
from datetime import timedelta

import sqlalchemy as sa

from runtime.db import clock
from runtime.kinds.chore import Chore
from runtime.security import store


class ClearSessions(Chore):
    name = "clear_sessions"
    label = "Forget sessions that are over"
    every = timedelta(hours=1)

    def run(self, tx):
        now = clock.now()
        tx.execute(sa.text("DELETE FROM house.session WHERE expires < :now OR seen < :idle"),
                   {"now": now, "idle": now - store.IDLE})
