"""check: is this set of definitions sound? Every problem has a place and one sentence with the way out.

What a kind alone knows (its settings, its operators) is asked of the catalogue that is passed in.
"""
from collections.abc import Iterator, Mapping
from typing import Any

from metadata import circles, dangling, layout_rules, layouts, paths, references, scenarios, shape, themes, watched
from metadata.definitions import Definitions, all_ids, is_sound, mark_sound
from metadata.errors import Problem
from metadata.model.addition import Addition
from metadata.model.document import Document
from metadata.model.duplicate_rule import DuplicateRule
from metadata.model.field import Field
from metadata.model.layout import Layout
from metadata.model.layout_rule import LayoutRule
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.model.scenario import Scenario
from metadata.model.theme import Theme
from metadata.model.view import View
from metadata.words import of_field, of_module, say

MOST_MODULES = 1_000
MANY_FIELDS = 300


def problems(definitions: Definitions, catalogue: Any, retired: Mapping[str, Any] | None = None) -> list[Problem]:
    """What must be mended before these definitions can be published; [] when nothing must.

    retired: ids that were used before ({id: metadata.store.Retired}); they come back as what they were, or not at all.
    """
    found = list(_shapes(definitions))
    if found:
        return found
    checker = _Checker(definitions, catalogue, retired or {})
    found += checker.ids()
    found += checker.documents()
    return found or list(circles.problems(definitions, catalogue))


def warnings(definitions: Definitions) -> list[Problem]:
    """What is allowed, but had better be thought over."""
    return [Problem(module.path, say("%(module)s has %(count)s fields; above %(many)s screens become slow. Think of a "
                                     "second module linked to it.", module=of_module(definitions, module), count=len(module.fields),
                                     many=MANY_FIELDS))
            for module in definitions.modules.values() if len(module.fields) > MANY_FIELDS]


def _shapes(definitions: Definitions) -> Iterator[Problem]:
    if len(definitions.modules) > MOST_MODULES:
        yield Problem("modules", say("There are %(count)s modules; at most %(most)s are possible.",
                                     count=f"{len(definitions.modules):,}", most=f"{MOST_MODULES:,}"))
    for path, document in definitions.documents.items():
        if isinstance(document, Addition):
            what = say(document.target.__name__.lower())
            yield Problem(path, say("It extends a %(what)s of another bundle. Publish it together with that bundle.", what=what))
        elif not is_sound(document):
            broken = shape.problems(path, type(document), document.to_json())
            yield from broken
            if not broken:
                mark_sound(document)


class _Checker:
    def __init__(self, definitions: Definitions, catalogue: Any, retired: Mapping[str, Any]):
        self._definitions, self._catalogue, self._retired = definitions, catalogue, retired
        self._validators: dict[str, shape.Validator] = {}

    # Ids

    def ids(self) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for id, path, noun in all_ids(self._definitions):
            if id in seen:
                yield Problem(path, say("The id '%(id)s' is used by %(other)s already. Every noun needs an id of its own.", id=id,
                                        other=seen[id]))
            seen[id] = path
            known = self._retired.get(id)
            if known is None:
                continue
            home = self._definitions.module_of(noun) if isinstance(noun, Field) else None
            if known.noun.replace("_", " ") != noun.noun or (home is not None and known.module_id != home.id):
                yield Problem(path, say("The id '%(id)s' belonged to the %(noun)s '%(name)s' before. Ids are never used "
                                        "again; give it another.", id=id, noun=say(known.noun.replace('_', ' ')), name=known.name))

    # Documents

    def documents(self) -> Iterator[Problem]:
        whole = self._definitions
        for document in whole.documents.values():
            def look(definitions: Definitions, document: Document = document) -> list[Problem]:
                self._definitions = definitions
                return list(self._document(document))

            yield from watched.kept(document, "_checked", whole, self._catalogue, look, worth=lambda problems: not problems)
        self._definitions = whole

    def _document(self, document: Document) -> Iterator[Problem]:
        found: list[Problem] = []

        def visit(reference: references.Reference) -> Any:
            found.extend(Problem(f"{document.path}#{reference.where}", message)
                         for message in dangling.wrong(reference, self._definitions, self._catalogue))
            return reference.value

        home = getattr(document, "module", "")
        if home and self._definitions.module(home) is None:
            yield Problem(f"{document.path}#module", dangling.no_module(home, self._definitions))
            return
        if not getattr(document, "users", False):
            references.Walk(self._definitions, self._catalogue, visit).look(document)
        said = {problem.path.rpartition(".")[0] for problem in found}
        yield from (problem for problem in self._noun(document) if problem.path not in said)
        yield from found

    def _noun(self, document: Document) -> Iterator[Problem]:
        match document:
            case Module():
                yield from self._module(document)
            case View():
                yield from self._view(document)
            case Layout():
                yield from self._layout(document)
            case LayoutRule():
                yield from layout_rules.problems(document, self._definitions, self._catalogue)
            case Role():
                yield from self._role(document)
            case DuplicateRule():
                yield from self._duplicate_rule(document)
            case Scenario():
                yield from scenarios.problems(document)
            case Theme():
                yield from themes.problems(document, self._definitions.of(Theme))
        for name, (family, key) in document.chains.items():
            for position, each in enumerate(getattr(document, name, ()) if self._catalogue.all(family) else ()):
                yield from self._kind(family, each[key], each.get("settings", {}), f"{document.path}#{name}.{position}")

    def _module(self, module: Module) -> Iterator[Problem]:
        names: set[str] = set()
        for field in module.fields:
            where = f"{module.path}#fields.{field.name}"
            if field.name in names:
                yield Problem(where, say("Two fields of %(module)s are named '%(field)s'. Rename one.",
                                         module=of_module(self._definitions, module, "label"),
                                         field=field.name))
            names.add(field.name)
            yield from self._field(module, field, where)
        name_field = module.by_name.get(module.name_field)
        if name_field and self._has_type(name_field) and not self._type(name_field).stored:
            yield Problem(f"{module.path}#name_field", say("Records cannot be called by '%(field)s', which is computed. "
                                                           "Choose a field that is stored.", field=module.name_field))
        for name in module.search_fields:
            field = module.by_name.get(name)
            if field and self._has_type(field) and not self._type(field).searchable:
                yield Problem(f"{module.path}#search_fields",
                              say("The search cannot look into '%(field)s', a field of type %(type)s. Take it out.", field=name,
                                  type=self._called(field)))
        stage = module.by_name.get(module.stage_field) if module.stage_field else None
        if stage and self._has_type(stage) and not self._type(stage).staged:
            yield Problem(f"{module.path}#stage_field", say("'%(field)s' is of type %(type)s and cannot be the stage field. "
                                                            "Choose a picklist.", field=stage.name, type=self._called(stage)))

    def _field(self, module: Module, field: Field, where: str) -> Iterator[Problem]:
        if not self._has_type(field):
            known = ", ".join(kind.name for kind in self._catalogue.all("field_types"))
            yield Problem(f"{where}.type", say("There is no field type '%(type)s'. Known: %(known)s.", type=field.type[:60],
                                               known=known))
            return
        kind = self._type(field)
        if field.__dict__.get("_fits") is not kind:          # fields are frozen, so once is enough
            if broken := list(self._settings(kind, field.settings, where)):
                yield from broken
                return
            field.__dict__["_fits"] = kind
        for message in kind.settings_problems(field, self._definitions):
            yield Problem(f"{where}.settings", message)
        if field.unique and not kind.stored:
            yield Problem(f"{where}.unique", say("'%(field)s' is computed and cannot be held unique.",
                                                 field=of_field(self._definitions, module, field)))
        if field.required and not kind.writable:
            yield Problem(f"{where}.required", say("Nobody fills in '%(field)s', so it cannot be required.",
                                                   field=of_field(self._definitions, module, field)))

    def _view(self, view: View) -> Iterator[Problem]:
        if self._catalogue.all("view_kinds"):
            broken = list(self._kind("view_kinds", view.kind, view.settings, view.path))
            yield from broken
            if not broken:
                kind = self._catalogue.get("view_kinds", view.kind)
                for message in kind.problems(view, self._definitions.module(view.module), self._catalogue):
                    yield Problem(f"{view.path}#settings", message)
        module = self._definitions.module(view.module)
        for sort in view.sort:
            place = paths.find(self._definitions, self._catalogue, module, sort["field"])
            if place and not place.kind.sortable:
                yield Problem(f"{view.path}#sort",
                              say("Records cannot be sorted by '%(field)s', a field of type %(type)s.", field=sort['field'],
                                  type=self._called(place.field)))
        for path in view.deadlines:
            place = paths.find(self._definitions, self._catalogue, module, path)
            if place and place.speaks not in ("date", "datetime"):
                yield Problem(f"{view.path}#deadlines", say("'%(path)s' is no date: it is of type %(type)s.", path=path,
                                                            type=self._called(place.field)))
        for path in view.sums:
            place = paths.find(self._definitions, self._catalogue, module, path)
            if place and "sum" not in place.kind.measures:
                yield Problem(f"{view.path}#sums", say("'%(path)s' cannot be added up: it is of type %(type)s.", path=path,
                                                       type=self._called(place.field)))

    def _layout(self, layout: Layout) -> Iterator[Problem]:
        yield from layouts.problems(layout, self._definitions)
        names = [section["name"] for section in layout.sections]
        for name in {name for name in names if names.count(name) > 1}:
            yield Problem(f"{layout.path}#sections.{name}", say("Two sections are named '%(name)s'. Rename one.", name=name))
        for position, related in enumerate(layout.related):
            module = self._definitions.module(related["module"])
            field = module.by_name.get(related["field"]) if module else None
            if field and self._has_type(field) and paths.target_of(self._type(field), field) != layout.module:
                yield Problem(f"{layout.path}#related.{position}.field",
                              say("'%(field)s' of %(module)s does not point to %(target)s.", field=related['field'],
                                  module=of_module(self._definitions, module), target=layout.module))
            if module and (timeline := related.get("timeline")):
                yield from self._day(module, timeline["at"], f"{layout.path}#related.{position}.timeline.at")
        home = self._definitions.module(layout.module)
        if home and layout.next_step and layout.next_step.get("on"):
            yield from self._day(home, layout.next_step["on"], f"{layout.path}#next_step.on")

    def _day(self, module: Module, name: str, where: str) -> Iterator[Problem]:
        """What says when: a date, or a date with its time."""
        field = module.field(name)
        if field and self._has_type(field) and self._type(field).part_speaks(field, "") not in ("date", "datetime"):
            yield Problem(where, say("'%(name)s' of %(module)s says no day. Choose a date.",
                                     name=name, module=of_module(self._definitions, module)))

    def _duplicate_rule(self, rule: DuplicateRule) -> Iterator[Problem]:
        module = self._definitions.module(rule.module)
        searched = any(asked["field"] in module.search_fields for asked in rule.compare)
        for position, asked in enumerate(rule.compare):
            field = module.field(asked["field"])
            if field is None or field.name in module.search_fields:
                continue
            where = f"{rule.path}#compare.{position}.field"
            if not searched or asked.get("by", "folded") != "exact":
                yield Problem(where, say("'%(field)s' is not among the search fields of %(module)s, so duplicates by it could "
                                         "not be found fast. Add it there first, or compare it exactly beside one that is.",
                                         field=field.name, module=of_module(self._definitions, module)))
            elif self._has_type(field) and not self._type(field).stored:
                yield Problem(where, say("'%(field)s' is computed, so records cannot be found by it. Choose one that is stored.",
                                         field=field.name))

    def _role(self, role: Role) -> Iterator[Problem]:
        for module_id, grant in role.modules.items():
            module = self._definitions.module_by_id(module_id)
            if module is None and module_id != "*" and module_id not in self._retired:
                yield Problem(f"{role.path}#modules.{module_id}", say("There is no module with the id '%(id)s'. Roles "
                                                                      "name modules and fields by their ids.",
                                                                      id=module_id))
            for field_id in grant.get("fields", ()):
                known = field_id in module.by_id if module else module_id == "*" or module_id in self._retired
                if not known and field_id not in self._retired:
                    yield Problem(f"{role.path}#modules.{module_id}.fields.{field_id}",
                                  say("There is no field with the id '%(id)s' in %(module)s. Roles name modules and fields"
                                      " by their ids.", id=field_id,
                                      module=of_module(self._definitions, module) if module else module_id))

    def _kind(self, family: str, name: str, settings: Mapping[str, Any], where: str) -> Iterator[Problem]:
        if not self._catalogue.has(family, name):
            known = ", ".join(kind.name for kind in self._catalogue.all(family)) or say("none")
            yield Problem(where, say("There is no %(kind)s '%(name)s'. Known: %(known)s.",
                                     kind=say(family[:-1].replace('_', ' ')), name=name[:60], known=known))
            return
        yield from self._settings(self._catalogue.get(family, name), settings, where)

    def _settings(self, kind: Any, settings: Mapping[str, Any], where: str) -> Iterator[Problem]:
        key = f"{kind.family}.{kind.name}"
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = shape.Validator(kind.settings_schema)
        mark = "." if "#" in where else "#"
        for error in validator.errors(settings if settings.__class__ is dict else dict(settings)):
            place = shape.place(settings, error.absolute_path).replace("#", ".")
            yield Problem(f"{where}{mark}settings{place}", shape.sentence(error))

    def _has_type(self, field: Field) -> bool:
        return self._catalogue.has("field_types", field.type)

    def _called(self, field: Field) -> str:
        """Its type in words."""
        return say(str(self._type(field).label)).lower()

    def _type(self, field: Field) -> Any:
        return self._catalogue.get("field_types", field.type)
