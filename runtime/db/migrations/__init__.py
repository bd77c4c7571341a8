"""The house's own tables, as Alembic revisions: `versions/NNNN_noun.py`, each upon the number before it."""
