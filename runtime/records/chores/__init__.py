"""The records room's chores."""
