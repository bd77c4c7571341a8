"""What is wrong with an expression, and where."""
from metadata.words import say


class ExpressionError(ValueError):
    """An expression that cannot be read or does not fit together.

    message: a sentence that names the place; cause: the same without the place; position: characters before it,
    from 0; line and column from 1.
    """

    def __init__(self, cause: str, position: int = 0, text: str | None = None):
        self.cause, self.position = cause, position
        before = (text or "")[:position]
        self.line = before.count("\n") + 1
        self.column = position - (before.rfind("\n") + 1) + 1
        self.message = (say("Line %(line)s, column %(column)s: %(cause)s", line=self.line, column=self.column, cause=cause)
                        if self.line > 1 else say("At character %(column)s: %(cause)s", column=self.column, cause=cause))
        super().__init__(self.message)
