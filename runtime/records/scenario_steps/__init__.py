"""What people do in a scenario."""
