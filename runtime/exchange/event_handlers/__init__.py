"""What the exchange room does when it hears something."""
