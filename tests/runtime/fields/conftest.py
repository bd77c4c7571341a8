"""Fixtures of the field tests."""
from tests.field_samples import widgets

__all__ = ["widgets"]
