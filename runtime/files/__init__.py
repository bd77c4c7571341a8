"""The file store: what people upload, kept by content outside the web root and given out only as it is safe."""
