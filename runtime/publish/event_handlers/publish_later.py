"""Publish later: a worker takes a publishing that would make its page wait too long; resumed after a crash where it stopped."""
from typing import Any

from runtime.kinds.event_handler import EventHandler
from runtime.publish import jobs
from runtime.values import Event


class PublishLater(EventHandler):
    name = "publish_later"
    label = "Publish what takes long"
    events = ("publishing.requested",)
    queue = "slow"
    always = True
    long = True

    def handle(self, event: Event, tx: Any) -> None:
        jobs.run(event.payload["publishing_id"])
