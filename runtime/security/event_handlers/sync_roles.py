"""Sync roles: after a publish, accounts can hold every published role."""
from runtime.kinds.event_handler import EventHandler
from runtime.security import users
from runtime.tables import published


class SyncRoles(EventHandler):
    name = "sync_roles"
    label = "Let accounts hold the published roles"
    events = ("metadata.published",)

    def handle(self, event, tx):
        published.refresh()
        users.sync_roles()
