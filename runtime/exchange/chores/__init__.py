"""What the exchange room does by the clock."""
