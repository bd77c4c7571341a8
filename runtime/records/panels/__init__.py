"""The records room's panels."""
