"""The records room's event handlers."""
