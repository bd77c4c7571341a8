"""The records room's actions."""
