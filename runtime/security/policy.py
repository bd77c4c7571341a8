"""The only questions asked elsewhere: may(), require(), visible(), readable(), editable().

Every answer comes from tables compiled once per published version and set of roles. No actor, no roles, a role or
a module that is not published: nothing may be done and nothing may be seen.
"""
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from metadata.model.module import Module
from metadata.model.role import Role
from runtime.errors import Invalid, NotFound, Refused
from runtime.locale.text import _
from runtime.security.field_access import PEOPLE, FieldAccess
from runtime.security.roles import ALL, EVERYTHING, NO, OWN, Grant, grant
from runtime.tables import labels, published
from runtime.tables.published import Published
from runtime.values import Actor

VERBS = ("read", "create", "edit", "delete", "import", "export", "give")
ANY = object()


class Powers:
    """What one set of roles may do in one published version."""

    def __init__(self, now: Published, roles: tuple[str, ...], everything: bool) -> None:
        self._roles = [role for role in now.roles.of(Role) if role.name in roles]
        self._everything = everything
        self._grants: dict[str, Grant] = {}
        self.fields = FieldAccess(now, self.grant)
        designs = frozenset(noun for role in self._roles for noun in role.designs)
        self.nouns = None if everything or any(role.builder for role in self._roles) else designs
        self.builds = self.nouns is None or bool(self.nouns)

    def grant(self, module: Module) -> Grant:
        known = self._grants.get(module.id)
        if known is None:
            known = EVERYTHING if self._everything else grant(self._roles, module)
            self._grants[module.id] = known
        return known


def may(actor: Actor | None, verb: str, module: Module, owner: Any = ANY) -> bool:
    """May the actor do this to records of the module; with `owner` given: to a record of that owner."""
    scope = _scope(actor, verb, module)
    return scope == ALL or (scope == OWN and (owner is ANY or (owner is not None and owner == actor.user_id)))


def require(actor: Actor | None, verb: str, module: Module, fields: Iterable[str] = ()) -> None:
    """Before any work: the verb, and every field by name.

    fields: paths as given ("amount", "amount.currency"). Raises NotFound where the actor may not even read the module,
    Refused for the verb, Invalid naming each field that may not be set; one that is hidden answers like an unknown one.
    People are met behind the links of records, never as records of their own.
    """
    if module.name == PEOPLE or not may(actor, verb, module):
        if module.name == PEOPLE or not (may(actor, "read", module) or may(actor, "create", module)):
            raise NotFound(_("There is no module '%(name)s'.", name=module.name))
        raise Refused(_refusal(verb, module))
    given = tuple(fields)
    if not given:
        return
    settable = editable(actor, module)
    wrong = {path: [_why_not(actor, module, path)] for path in given if path.partition(".")[0] not in settable}
    if wrong:
        raise Invalid(wrong)


def visible(actor: Actor | None, module: Module, table: Any, verb: str = "read") -> sa.ColumnElement[bool] | None:
    """The rows a verb reaches, as a condition on the module's table (or an alias of it); None where it reaches all.

    Says nothing about the recycle bin.
    """
    scope = _scope(actor, verb, module)
    if scope == ALL:
        return None
    return table.c.owner == actor.user_id if scope == OWN else sa.false()


def readable(actor: Actor | None, module: Module) -> frozenset[str]:
    """Names of the fields the actor may read, the house's own ("id", "owner", …) among them."""
    return _powers(actor).fields.readable(module) if _known(actor) else frozenset()


def editable(actor: Actor | None, module: Module) -> frozenset[str]:
    """Names of the fields the actor may set; "owner" only for those who may give records away."""
    return _powers(actor).fields.editable(module) if _known(actor) else frozenset()


def may_build(actor: Actor | None) -> bool:
    """May the actor edit and publish metadata?"""
    return _known(actor) and _powers(actor).builds


def buildable(actor: Actor | None) -> frozenset[str] | None:
    """Folders of the nouns the actor may edit and publish ("layouts", "views"); None for all of them."""
    return _powers(actor).nouns if _known(actor) else frozenset()


def require_build(actor: Actor | None, folders: Iterable[str]) -> None:
    """Raises Refused where the actor may not edit one of these nouns."""
    if not may_build(actor):
        raise Refused(_("You may not publish. Ask an administrator for a role that may use the builder."))
    allowed = buildable(actor)
    shut = sorted(set(folders) - allowed) if allowed is not None else []
    if shut:
        raise Refused(_("Your roles let you change %(allowed)s, not %(shut)s.", shut=shut[0].replace("_", " "),
                        allowed=", ".join(sorted(allowed)).replace("_", " ")))


def _scope(actor: Actor | None, verb: str, module: Module) -> str:
    if verb not in VERBS:
        raise ValueError(f"There is no verb '{verb}'. Known: {', '.join(VERBS)}.")
    if not _known(actor):
        return NO
    if module.name == PEOPLE:
        return ALL if verb == "read" else NO
    scope = _powers(actor).grant(module).scope(verb)
    return NO if scope == OWN and actor.user_id is None else scope


def _known(actor: Actor | None) -> bool:
    return actor is not None and (actor.everything or bool(actor.roles))


def _powers(actor: Actor) -> Powers:
    now = published.current()
    key = ("security.powers", actor.everything, actor.roles)
    return now.once(key, lambda: Powers(now, actor.roles, actor.everything))


def _refusal(verb: str, module: Module) -> str:
    sentences = {
        "read": _("Your roles do not let you see %(plural)s.", plural=labels.of_modules(module)),
        "create": _("Your roles do not let you add %(plural)s.", plural=labels.of_modules(module)),
        "edit": _("Your roles do not let you change %(plural)s.", plural=labels.of_modules(module)),
        "delete": _("Your roles do not let you delete %(plural)s.", plural=labels.of_modules(module)),
        "import": _("Your roles do not let you import %(plural)s.", plural=labels.of_modules(module)),
        "export": _("Your roles do not let you export %(plural)s.", plural=labels.of_modules(module)),
        "give": _("Your roles do not let you give %(plural)s to someone else.", plural=labels.of_modules(module)),
    }
    return sentences[verb]


def _why_not(actor: Actor, module: Module, path: str) -> str:
    if path.partition(".")[0] in readable(actor, module):
        return _("You cannot set this field.")
    return _("There is no field '%(path)s' here that you can use.", path=path)

