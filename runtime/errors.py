"""Everything the runtime may refuse, in one place.

RuntimeProblem
├── NotFound      404  no such module, record or view, or not visible to this actor
├── NotSignedIn   401  nobody is known behind this request; sign in, or send an API key
├── Refused       403  the actor may not do this; the message says why
├── Invalid       422  the values do not fit; .errors is {field name: [messages]}
│   └── Red       422  tests of the definitions fail; a written reason passes them over
├── BadQuery      400  a filter, sort, group or path that cannot be asked (unknown and unreadable fields answer alike)
├── Stale         409  someone else saved first; .current says how things stand
├── Conflict      409  the state does not allow it (already converted, name taken, someone published first)
├── TooLarge      413  more than the house takes in one piece
├── TooMany       429  asked too often
└── Unavailable   503  the database or a service cannot be reached just now
"""
from collections.abc import Mapping, Sequence
from typing import Any


class RuntimeProblem(Exception):
    """A refusal with a sentence for the person who can act."""
    status = 500
    code = "problem"

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class NotFound(RuntimeProblem):
    status = 404
    code = "not_found"


class NotSignedIn(RuntimeProblem):
    status = 401
    code = "not_signed_in"


class Refused(RuntimeProblem):
    status = 403
    code = "refused"


class Invalid(RuntimeProblem):
    """errors: {field path or "": [sentences]}; "" holds what belongs to no single field."""
    status = 422
    code = "invalid"

    def __init__(self, errors: Mapping[str, Sequence[str]], message: str | None = None):
        self.errors = {name: list(sentences) for name, sentences in errors.items()}
        first = next((sentences[0] for sentences in self.errors.values() if sentences), "The values do not fit.")
        super().__init__(message or first)


class Red(Invalid):
    """problems: (path, message) each, as the proofs say it."""
    code = "red"

    def __init__(self, problems: Sequence[Any]):
        found: dict[str, list[str]] = {}
        for each in problems:
            found.setdefault(each.path, []).append(each.message)
        super().__init__(found)
        self.problems = tuple(problems)


class BadQuery(RuntimeProblem):
    status = 400
    code = "bad_query"


def unknown_field(path: str, message: str = "") -> BadQuery:
    """The one answer for a field that does not exist and for one the actor may not read (safety D1).

    message: the same sentence in the reader's language.
    """
    problem = BadQuery(message or f"There is no field '{path}' here that you can use.")
    problem.code = "unknown_field"
    return problem


class Stale(RuntimeProblem):
    """current: {path: value} now; base: {path: value before} of what others changed; who/when: whose change came last."""
    status = 409
    code = "stale"

    def __init__(self, message: str, *, version: int | None = None, current: Mapping[str, Any] | None = None,
                 who: str | None = None, when: Any = None, base: Mapping[str, Any] | None = None):
        super().__init__(message)
        self.version, self.current, self.base, self.who, self.when = version, current or {}, base or {}, who, when


class Conflict(RuntimeProblem):
    status = 409
    code = "conflict"


class Duplicates(Conflict):
    """candidates: [{"id", "title"}] of records that are probably the same; id is None for one this actor may not see.

    may_save: whether it may be saved all the same, once somebody looked.
    """
    code = "duplicates"

    def __init__(self, message: str, *, candidates: Sequence[Mapping[str, Any]] = (), may_save: bool = True):
        super().__init__(message)
        self.candidates, self.may_save = candidates, may_save


class TooLarge(RuntimeProblem):
    status = 413
    code = "too_large"


class TooMany(RuntimeProblem):
    status = 429
    code = "too_many"


class Unavailable(RuntimeProblem):
    status = 503
    code = "unavailable"
