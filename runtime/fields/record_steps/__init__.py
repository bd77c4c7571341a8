"""Record steps of the fields."""
