"""Text, numbers, money and dates in a person's language; imports nothing above the database."""
