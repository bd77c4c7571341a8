"""What the records room itself adds to every write."""
