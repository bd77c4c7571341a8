"""What a package asks for and somebody has to agree to: what roles may do, addresses outside the house, mail it would send."""
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.model.translation import Translation
from metadata.words import called
from runtime.locale.text import _, lazy
from runtime.security.roles import EDIT, EVERYONE_ELSE

GRANT, ADDRESS, MAIL = "grant", "address", "mail"
_ADDRESS = re.compile(r"(?:https?|ftp|wss?)://[^\s\"'<>]{1,300}", re.IGNORECASE)
_MAIL = re.compile(r"(?:mailto:)?([\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+)")
_SENDS = re.compile(r"mail|sms|message|webhook|notify")


@dataclass(frozen=True)
class Ask:
    """kind: grant, address or mail; subject: the role, address or action; path: the document that asks."""
    kind: str
    path: str
    subject: str
    sentence: str

    @property
    def key(self) -> str:
        """What agreement names it by: the same ask has the same key, a wider one another."""
        return sha256(f"{self.kind}\n{self.path}\n{self.subject}".encode()).hexdigest()[:16]


def asks(live: Definitions, after: Definitions) -> tuple[Ask, ...]:
    """What `after` would allow, reach or send that `live` does not."""
    before = {each.id: each for each in live.documents.values()}
    found: dict[str, Ask] = {}
    for document in after.documents.values():
        was = before.get(document.id)
        if was is document or was == document or isinstance(document, Translation):
            continue
        for ask in (*_grants(document, was, after), *_published_results(document, was, after), *_reaches(document, was, after)):
            found.setdefault(ask.key, ask)
    return tuple(found.values())


def _grants(document: Document, was: Document | None, definitions: Definitions) -> Iterator[Ask]:
    if not isinstance(document, Role):
        return
    old = was if isinstance(was, Role) else None
    if document.builder and not (old and old.builder):
        yield Ask(GRANT, document.path, "builder",
                  _("People with the role '%(role)s' may change and publish how everything is built.",
                    role=called(definitions, f"roles.{document.name}.label", document.label)))
    for noun in document.designs:
        if not document.builder and not (old and (old.builder or noun in old.designs)):
            yield Ask(GRANT, document.path, f"designs {noun}",
                      _("People with the role '%(role)s' may change and publish, in all modules: %(nouns)s.",
                        role=called(definitions, f"roles.{document.name}.label", document.label),
                        nouns=_(noun.replace("_", " ").capitalize())))
    for module_id in dict.fromkeys((*document.modules, *(old.modules if old else ()))):
        if added := _added(_grant(old, module_id), _grant(document, module_id)):
            module = definitions.module_by_id(module_id)
            yield Ask(GRANT, document.path, f"{module_id}: {', '.join(added)}",
                      _("People with the role '%(role)s' get, in %(module)s: %(verbs)s.",
                        role=called(definitions, f"roles.{document.name}.label", document.label),
                        module=called(definitions, f"modules.{module.name}.plural", module.plural) if module
                        else _("every other module"),
                        verbs=", ".join(_said(verb, module, definitions) for verb in added)))


def _grant(role: Role | None, module_id: str) -> Mapping[str, Any]:
    """What the role says of a module, be it under the star."""
    return role.modules.get(module_id, role.modules.get(EVERYONE_ELSE, {})) if role else {}


def _added(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What the new grant gives beyond the old one; a field that is not named any more may be edited."""
    had, named = set(_verbs(old)), new.get("fields", {})
    opened = [field for field, level in sorted(old.get("fields", {}).items()) if new and level != EDIT and field not in named]
    return [verb for verb in _verbs(new) if verb not in had] + [f"{field}: {EDIT}" for field in opened]


def _published_results(document: Document, was: Document | None, definitions: Definitions) -> Iterator[Ask]:
    """A computed field that shows its result also to those who may not read what it is computed from."""
    if not isinstance(document, Module):
        return
    before = {field.id: field for field in was.fields} if isinstance(was, Module) else {}
    for field in document.fields:
        if field.publish_result and before.get(field.id) != field:
            yield Ask(GRANT, document.path, f"{field.id}: {sha256(repr(field).encode()).hexdigest()[:16]}",
                      _("Everybody who reads %(module)s sees the result of '%(field)s', also of fields that are hidden from them.",
                        module=called(definitions, f"modules.{document.name}.plural", document.plural),
                        field=called(definitions, f"modules.{document.name}.fields.{field.name}.label", field.label)))


VERBS = {"read": lazy("read"), "create": lazy("create"), "edit": lazy("edit"), "delete": lazy("delete"), "import": lazy("import"),
         "export": lazy("export"), "give": lazy("give to others"), "all": lazy("all"), "own": lazy("own")}


def _said(verb: str, module: Module | None, definitions: Definitions) -> str:
    """"edit own" in the reader's language; "fld_x: read" -> "Price: read"."""
    field, colon, level = verb.partition(": ")
    if colon:
        known = module.by_id.get(field) if module else None
        name = called(definitions, f"modules.{module.name}.fields.{known.name}.label", known.label) if module and known else field
        return f"{name}: {VERBS.get(level, level)}"
    return " ".join(str(VERBS.get(word, word)) for word in verb.split())


def _verbs(grant: Mapping[str, Any]) -> list[str]:
    said = [f"{verb} {value}" if isinstance(value, str) else verb for verb, value in sorted(grant.items())
            if verb != "fields" and value not in (False, "no", None)]
    return said + [f"{field}: {level}" for field, level in sorted(grant.get("fields", {}).items()) if level != "hidden"]


def _reaches(document: Document, was: Document | None, definitions: Definitions) -> Iterator[Ask]:
    place = called(definitions, f"{document.folder}.{document.key}.label", getattr(document, "label", "") or document.name)
    place = f"{_(document.noun.capitalize())} '{place}'"
    before = set(_texts(was.to_json())) if was else set()
    for text in _texts(document.to_json()):
        if text in before:
            continue
        for found in _ADDRESS.findall(text):
            yield Ask(ADDRESS, document.path, found, _("%(place)s leads to %(address)s.", place=place, address=found))
        for found in _MAIL.findall(text):
            yield Ask(MAIL, document.path, found, _("%(place)s holds the mail address %(address)s.", place=place,
                                                    address=found))
    for action in _actions(document):
        if _SENDS.search(action) and (was is None or action not in set(_actions(was))):
            yield Ask(MAIL, document.path, action, _("%(place)s sends something by itself: %(action)s.", place=place,
                                                     action=action.replace("_", " ")))


def _actions(document: Document) -> Iterator[str]:
    for each in getattr(document, "actions", ()):
        if isinstance(each, Mapping) and isinstance(each.get("action"), str):
            yield each["action"]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
