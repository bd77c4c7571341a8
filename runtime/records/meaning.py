"""Meaning: what a condition or a formula says, told by the ids of the fields it reads, so that a rename changes nothing."""
from typing import Any

from metadata import criteria, expression, paths
from metadata.definitions import Definitions
from metadata.expression import ExpressionError
from metadata.model.field import Field
from metadata.model.module import Module
from runtime.kinds.kind import catalogue

DEEPEST = 8


def of_condition(definitions: Definitions, module: Module, tree: Any) -> Any:
    """Equal for conditions that ask the same, whatever the fields are called."""
    return repr(criteria.renamed(tree, lambda path: id_path(definitions, module, path))), _formulas(
        definitions, module, criteria.paths(tree), 0)


def of_expression(definitions: Definitions, module: Module, text: str, depth: int = 0) -> Any:
    try:
        node = expression.parse(text)
    except ExpressionError:
        return text
    named = [".".join(parts) for parts in expression.names(node)]
    written = expression.renamed(text, lambda path: id_path(definitions, module, path))
    return written, _formulas(definitions, module, named, depth)


def id_path(definitions: Definitions, module: Module, path: str) -> str:
    """The path told by ids: "fld_deal_account.fld_account_industry"."""
    found = paths.find(definitions, catalogue(), module, path)
    if found is None:
        return path
    return ".".join([*(field.id for _module, field in found.through), found.field.id, *([found.part] if found.part else ())])


def carried_path(live: Definitions, before: Module, draft: Definitions, module: Module, path: str) -> str | None:
    """The path as it is called in the draft; None where a field on the way is gone."""
    found = paths.find(live, catalogue(), before, path)
    if found is None:
        return None
    names = []
    for lies_in, field in (*found.through, (found.module, found.field)):
        home = draft.module_by_id(lies_in.id)
        now: Field | None = field if field.system else (home.by_id.get(field.id) if home else None)
        if now is None:
            return None
        names.append(now.name)
    return ".".join([*names, *([found.part] if found.part else ())])


def _formulas(definitions: Definitions, module: Module, named: Any, depth: int) -> Any:
    """What the formulas behind the paths say, theirs included."""
    if depth > DEEPEST:
        return ()
    found = []
    for path in sorted(named):
        place = paths.find(definitions, catalogue(), module, path)
        text = place.kind.expression(place.field) if place else None
        if place is not None and text is not None:
            found.append((place.field.id, of_expression(definitions, place.module, text, depth + 1)))
    return tuple(found)
