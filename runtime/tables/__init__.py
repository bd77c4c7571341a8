"""Definitions as SQL tables; conditions and formulas as SQL and as Python."""
