"""What changes of definitions mean for the records there are."""
