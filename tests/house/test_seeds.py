"""Every seed in seeds/: sound, complete in every language it speaks, linked both ways, with samples that fit."""
import csv
import re
from pathlib import Path

import pytest

from metadata import bundle, check
from metadata.model.addition import Addition
from metadata.model.button import Button
from metadata.model.convert_map import ConvertMap
from metadata.model.extension import Extension
from metadata.model.import_map import ImportMap
from metadata.model.layout import Layout
from metadata.model.layout_extension import LayoutExtension
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.model.validation_rule import ValidationRule
from metadata.model.view import View
from runtime.kinds.kind import catalogue
from runtime.publish.seeds import with_extended

SEEDS = sorted(folder for folder in Path("seeds").iterdir() if (folder / "seed.json").is_file())
PARTS = re.compile(r"[a-z0-9_]+(\.[a-z]+)?")
RELATIVE = re.compile(r"today([+-]\d+)?( \d\d:\d\d)?|\d{4}-\d\d-\d\d( \d\d:\d\d)?")

pytestmark = pytest.mark.parametrize("folder", SEEDS, ids=lambda folder: folder.name)


def test_a_seed_has_no_problems_and_is_written_canonically(folder, tmp_path):
    definitions = bundle.read(folder)

    assert [f"{problem.path}: {problem.message}" for problem in check.problems(with_extended(folder), catalogue())] == []
    bundle.write(definitions, tmp_path, bundle.manifest(folder))
    for file in folder.glob("*/*.json"):
        assert file.read_bytes() == (tmp_path / file.relative_to(folder)).read_bytes(), file


def test_what_a_seed_adds_to_is_known_by_its_id(folder):
    definitions = with_extended(folder)

    for addition in bundle.read(folder).documents.values():
        if isinstance(addition, Addition):
            assert definitions.documents[addition.path].id == addition.id, addition.path


def test_a_seed_speaks_every_language_it_names(folder):
    definitions = bundle.read(folder)
    wanted = set(_labels(definitions))

    for language in bundle.manifest(folder).languages:
        if language != "en":
            given = definitions.translations[language].labels
            assert sorted(wanted - given.keys()) == []
            assert all(given.values())


def test_every_lookup_shows_a_related_list_on_the_other_side(folder):
    definitions = with_extended(folder)
    listed = {(layout.module, related["module"], related["field"])
              for layout in definitions.of(Layout) for related in layout.related}

    lookups = {(field.settings["module"], module.name, field.name) for module in definitions.modules.values()
               for field in module.fields if catalogue().get("field_types", field.type).target(field)}

    assert sorted(lookups - listed) == []


def test_every_module_has_a_layout_and_several_views_with_one_by_default(folder):
    definitions = with_extended(folder)

    for module in definitions.modules.values():
        assert definitions.layouts_of(module.name), module.name
        views = definitions.views_of(module.name)
        assert 3 <= len(views) <= 9, module.name
        assert [view.name for view in views if view.default] == ["all"], module.name
        on_layout = {name for layout in definitions.layouts_of(module.name)
                     for section in layout.sections for name in section["fields"]}
        assert {field.name for field in module.fields} <= on_layout, module.name


def test_sample_records_name_fields_that_exist_and_links_that_resolve(folder):
    definitions = with_extended(folder)
    rows = {file.stem: _rows(file) for file in (folder / "records").glob("*.csv") if file.stem != "users"}
    people = {row["name"] for row in _rows(folder / "records" / "users.csv")} | {"me"}

    for name, listed in rows.items():
        module = definitions.modules[name]
        for row in listed:
            for heading, cell in row.items():
                field = module.field(heading.partition(".")[0])
                assert field is not None and PARTS.fullmatch(heading), f"{name}: {heading}"
                kind = catalogue().get("field_types", field.type)
                target = kind.target(field)
                if not cell:
                    continue
                if target == "users":
                    assert cell in people, f"{name}.{heading}: {cell}"
                elif target:
                    named = [other for other in rows[target] if other[definitions.modules[target].name_field] == cell]
                    assert len(named) == 1, f"{name}.{heading}: {cell}"
                elif kind.buckets:
                    assert RELATIVE.fullmatch(cell), f"{name}.{heading}: {cell}"
                elif kind.stages(field):
                    given = set(cell.split(",")) if kind.speaks == "list" else {cell}
                    assert given <= {choice["value"] for choice in kind.stages(field)}, f"{name}.{heading}: {cell}"


def _rows(file):
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _labels(definitions):
    for module in (*definitions.of(Module), *definitions.of(Extension)):
        base = f"modules.{module.name}"
        if isinstance(module, Module):
            yield from (f"{base}.label", f"{base}.plural")
            if module.description:
                yield f"{base}.description"
            if module.group:
                yield f"groups.{module.group}"
        for field in module.fields:
            yield f"{base}.fields.{field.name}.label"
            if field.help:
                yield f"{base}.fields.{field.name}.help"
            for choice in catalogue().get("field_types", field.type).stages(field):
                yield f"{base}.fields.{field.name}.choices.{choice['value']}"
    for layout in (*definitions.of(Layout), *definitions.of(LayoutExtension)):
        if isinstance(layout, Layout):
            yield f"layouts.{layout.key}.label"
        for section in layout.sections:
            yield f"layouts.{layout.key}.sections.{section['name']}"
        for related in layout.related:
            yield f"layouts.{layout.key}.related.{related['module']}.{related['field']}"
    for view in definitions.of(View):
        yield f"views.{view.key}.label"
    for rule in definitions.of(ValidationRule):
        yield f"validation_rules.{rule.key}.message"
    for button in definitions.of(Button):
        yield f"buttons.{button.key}.label"
        if button.confirm:
            yield f"buttons.{button.key}.confirm"
    for role in definitions.of(Role):
        yield f"roles.{role.name}.label"
        if role.description:
            yield f"roles.{role.name}.description"
    for each in definitions.of(ConvertMap):
        yield f"convert_maps.{each.key}.label"
    for each in definitions.of(ImportMap):
        yield f"import_maps.{each.name}.label"
        if each.refuse:
            yield f"import_maps.{each.name}.refuse"
