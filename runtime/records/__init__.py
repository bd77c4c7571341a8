"""Records: the one way to write data and the one way to read it."""
