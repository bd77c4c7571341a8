"""References: a value that points elsewhere, with the label people read instead of it."""


class Reference(int):
    """A record's or user's id as `pick` gives it; label is None where it is not known or not for this reader."""

    label: str | None

    def __new__(cls, value: int, label: str | None = None) -> "Reference":
        made = super().__new__(cls, value)
        made.label = label
        return made
