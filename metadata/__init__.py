"""Metadata: plain description of what there is. Knows no Flask, no Redis, no field type's behaviour."""
