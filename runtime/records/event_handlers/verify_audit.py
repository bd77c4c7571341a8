"""Verify audit: a worker compares the whole history with its seals when an administrator asks for it."""
from typing import Any

from runtime.kinds.event_handler import EventHandler
from runtime.records import audit_checks
from runtime.values import Event


class VerifyAudit(EventHandler):
    name = "verify_audit"
    label = "Check the history against its seals"
    events = ("audit.requested",)
    queue = "slow"
    always = True
    long = True

    def handle(self, event: Event, tx: Any) -> None:
        audit_checks.run(event.payload["check_id"], event.payload["since"])
