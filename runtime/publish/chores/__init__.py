"""What publishing tidies up in time."""
