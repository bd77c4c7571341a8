"""The exchange room: files in and out. Imports are checked, run in batches through the record pipeline, and can be undone.

reading (a file as headers and rows) -> mapping (columns to fields) -> loading (cells to clean values, links found)
-> run (batches, checkpoint, resume) -> undo.
"""
