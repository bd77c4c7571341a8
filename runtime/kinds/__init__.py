"""Kinds: what an admin picks from a list. One contract per file; read this folder first."""
