"""Beat: a chore of every second, whose effect shows whether each due time counts exactly once."""
from datetime import timedelta

import sqlalchemy as sa

from runtime.kinds.chore import Chore


class Beat(Chore):
    name = "beat"
    label = "Beat"
    every = timedelta(seconds=1)

    def run(self, tx):
        if tx.scalar(sa.text("SELECT to_regclass('public.beats')")):
            tx.execute(sa.text("INSERT INTO public.beats DEFAULT VALUES"))
