"""Count words: a listener whose effect shows whether each event was handled exactly once."""
import time

import sqlalchemy as sa

from runtime.kinds.event_handler import EventHandler


class CountWords(EventHandler):
    name = "count_words"
    label = "Count words"
    events = ("word.said",)

    def handle(self, event, tx):
        tx.execute(sa.text("INSERT INTO public.counted (number) VALUES (:number)"), {"number": event.payload["number"]})
        time.sleep(event.payload.get("takes", 0.005))
