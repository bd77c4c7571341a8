"""What a proposal becomes: modules with fields, a layout and a view each, as the form that was sent corrects it."""
from collections.abc import Mapping, Sequence
from typing import Any

from builder import draft as drafts
from builder.ids import name_of, new_id
from metadata.definitions import Definitions
from metadata.model.document import Document
from metadata.model.field import Field
from runtime.errors import Invalid
from runtime.exchange.example import Part, Proposal
from runtime.fields.field_types.text import Text
from runtime.kinds.kind import catalogue
from runtime.locale.text import _

LEAVE, POINTS = "", "->"
"""What the form's select says of a column that becomes no field, and of one that points to another file."""
COLUMNS = 6


def blank(kind: Any) -> Field:
    """A field of this type without settings, to ask the type questions."""
    return Field(id="fld_blank", name="blank", label="", type=kind.name)


def answer(given: Mapping[str, str], name: str, proposed: str) -> str:
    """What the form says, or what was proposed where there is no form yet."""
    return given.get(name, "" if given else proposed).strip()


def of(proposals: Sequence[Proposal], given: Mapping[str, str],
       definitions: Definitions) -> tuple[list[Document], dict[str, str]]:
    """(every document, modules first, {file: id of the module it becomes}). Raises Invalid."""
    wanted = [(at, one) for at, one in enumerate(proposals) if answer(given, f"f{at}_use", "1")]
    if not wanted:
        raise Invalid({"": [_("Nothing is chosen. Tick at least one file.")]})
    taken, names = set(definitions.modules), {}
    for at, one in wanted:
        plural = answer(given, f"f{at}_plural", one.label) or one.label
        names[one.label] = (name_of(plural, taken, what="module"), plural)
        taken.add(names[one.label][0])
    modules, others = [], []
    for at, one in wanted:
        name, plural = names[one.label]
        fields, by_heading = _fields(one, at, given, {label: known for label, (known, _plural) in names.items()})
        name_field = by_heading.get(answer(given, f"f{at}_name", one.name or ""))
        if name_field is None:
            name_field = "name"
            fields.insert(0, {"id": new_id("fld"), "name": "name", "label": _("Name"), "type": "text"})
        key = by_heading.get(one.key or "")
        modules.append(drafts.document(f"modules/{name}", {
            "id": new_id("mod"), "name": name, "label": answer(given, f"f{at}_label", singular(one.label)) or plural,
            "plural": plural, "name_field": name_field, "fields": fields, "search_fields": [name_field],
            **({"match_fields": [key]} if key else {})}))
        others += _layout_and_view(name, plural, [field["name"] for field in fields], name_field)
    return [*modules, *others], {one.file: module.id for (_at, one), module in zip(wanted, modules, strict=True)}


def singular(label: str) -> str:
    """ "Quotes" -> "Quote": a first guess, in English."""
    return label[:-3] + "y" if label.endswith("ies") else label.removesuffix("s")


def _fields(one: Proposal, at: int, given: Mapping[str, str],
            modules: Mapping[str, str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """(fields, {heading: name}); columns that nobody wants are left out, and those that say the owner: every record has one."""
    fields, names = [], {}
    for column, part in enumerate(one.parts):
        type_ = answer(given, f"f{at}_t{column}", LEAVE if owner(part) else POINTS if part.link else part.type)
        if type_ == LEAVE:
            continue
        if type_ != POINTS and not catalogue().has("field_types", type_):
            raise Invalid({part.heading: [_("There is no field type '%(name)s'.", name=type_[:40])]})
        name = name_of(part.heading, names.values())
        made = {"id": new_id("fld"), "name": name, "label": part.heading[:120], "type": type_}
        settings = dict(part.settings) if type_ == part.type else {}
        if type_ == POINTS:
            target = modules.get(part.link[0]) if part.link else None
            made["type"] = _pointing() if target else Text.name
            settings = {"module": target} if target else {}
        if settings or catalogue().get("field_types", made["type"]).settings_schema.get("required"):
            made["settings"] = settings
        for flag in ("unique", "required"):
            if answer(given, f"f{at}_{flag[0]}{column}", "1" if proposes(part, flag) else ""):
                made[flag] = True
        fields.append(made)
        names[part.heading] = name
    return fields, names


def proposes(part: Part, flag: str) -> bool:
    """Whether no two rows share it, and whether no row can do without it: what tells rows apart or links them, filled in each."""
    return part.unique if flag == "unique" else part.filled == 1 and (part.unique or part.link is not None)


def owner(part: Part) -> bool:
    """A column that says whose the record is."""
    words = part.heading.casefold().split()
    return "owner" in words and part.link is None


def _pointing() -> str:
    """The field type whose settings name the module it points to."""
    asked = {"module": "anything"}
    return next(kind.name for kind in catalogue().all("field_types") if kind.writable and kind.stored
                and kind.target(Field(id="fld_blank", name="blank", label="", type=kind.name, settings=asked)) == asked["module"])


def _layout_and_view(module: str, plural: str, names: Sequence[str], name_field: str) -> list[Document]:
    layout = {"id": new_id("lay"), "name": "standard", "module": module, "label": _("Standard"), "sections": [
        {"name": "main", "label": plural[:80], "columns": 2, "fields": [*names, "owner"]},
        {"name": "system", "label": _("Record"), "columns": 2, "collapsed": True,
         "fields": ["created_at", "created_by", "updated_at", "updated_by"]}]}
    shown = [name_field, *[name for name in names if name != name_field][:COLUMNS - 1]]
    view = {"id": new_id("view"), "name": "all", "module": module, "label": _("All %(module)s", module=plural), "columns": shown,
            "sort": [{"field": "updated_at", "descending": True}], "default": True}
    return [drafts.document(f"layouts/{module}.standard", layout), drafts.document(f"views/{module}.all", view)]
