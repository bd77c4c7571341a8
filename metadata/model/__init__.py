"""One frozen dataclass per noun; each knows how to come from and go to its JSON document."""
