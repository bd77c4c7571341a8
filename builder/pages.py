"""The builder's pages: for now the people; the nouns of metadata follow."""
from builder.people import people

__all__ = ["people"]
