"""The records room's view kinds."""
