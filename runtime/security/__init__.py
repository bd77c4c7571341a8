"""Security: who may do what, on which records and which fields. Everything is asked through policy.py."""
