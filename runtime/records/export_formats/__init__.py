"""The files an export can become."""
