"""Templates: in `errors[field.name]` a name means the entry alone, never a method of dict, whatever a field is called."""
from collections.abc import Mapping
from typing import Any

import flask.templating


class Environment(flask.templating.Environment):
    """Jinja's own takes the attribute where the entry is missing: a field called "keys" or "items" would be a method."""

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not isinstance(obj, Mapping):
            return super().getitem(obj, argument)
        try:
            return obj[argument]
        except (LookupError, TypeError):
            return self.undefined(obj=obj, name=argument)
