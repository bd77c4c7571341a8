"""What security does when something happened elsewhere."""
