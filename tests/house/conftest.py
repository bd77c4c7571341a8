"""Fixtures of the house's own tests."""
from tests.field_samples import widgets

__all__ = ["widgets"]
