"""Security's own periodic work."""
