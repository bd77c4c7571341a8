"""The seeds that extend another, as packages: in and out without a trace, twice without a change, upgraded over own changes."""
from dataclasses import replace
from pathlib import Path

import pytest

from metadata import bundle, package, store
from metadata.documents import canonical
from metadata.model.layout import Layout
from metadata.model.view import View
from runtime import worker
from runtime.db import engine as engines
from runtime.db.transaction import reading
from runtime.exchange import samples
from runtime.publish import packages
from runtime.publish.service import publish
from runtime.records import query
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE

SEEDS = sorted(folder for folder in Path("seeds").iterdir() if bundle.manifest(folder) and bundle.manifest(folder).needs)


def live():
    with reading() as connection:
        return store.published(connection)[1]


def to_bytes(definitions):
    return {path: canonical(each.to_json()) for path, each in definitions.documents.items()}


@pytest.fixture(params=SEEDS, ids=lambda folder: folder.name)
def packed(make_database, request):
    """The package, on an installation that has what it needs."""
    engines.use(make_database())
    worker.prepare()
    for name in bundle.manifest(request.param).needs:
        packages.install(HOUSE, package.of_folder(request.param.parent / name), agreed=None)
    published.refresh()
    yield package.of_folder(request.param)
    engines.use(None)


def test_a_package_is_packed_the_same_each_time(packed):
    content = package.pack(packed)

    assert package.pack(package.read(content)) == content
    assert package.read(content).definitions == packed.definitions


def test_a_package_goes_in_once_and_out_without_a_trace(packed):
    before = to_bytes(live())

    done = packages.install(HOUSE, package.pack(packed), agreed=None)
    inside = to_bytes(live())
    again = packages.install(HOUSE, packed, agreed=None)
    packages.uninstall(HOUSE, packed.manifest.name)

    assert done.version and again.act == packages.AGAIN and not again.plan.sentences
    assert inside != before and to_bytes(live()) == before


def test_what_it_extends_cannot_go_before_it(packed):
    packages.install(HOUSE, packed, agreed=None)

    plan = packages.uninstall(HOUSE, next(iter(packed.manifest.needs)), dry_run=True)

    assert not plan.ok and packed.manifest.label in str(plan.problems[0])


def test_an_upgrade_keeps_what_was_changed_here(packed):
    packages.install(HOUSE, packed, agreed=None)
    now = live()
    extended = next(each for each in packed.definitions.documents.values() if each.folder == "layouts" and hasattr(each, "extends"))
    layout: Layout = now.documents[extended.path]
    ours = replace(layout, sections=layout.sections[::-1])
    own = next(module for module in packed.definitions.modules.values())
    fields = now.modules[own.name].fields
    renamed = replace(now.modules[own.name], label="Ours", fields=fields[1:] + fields[:1])
    publish(HOUSE, now.with_document(ours).with_document(renamed))
    field = replace(own.fields[0], help="Said anew.")
    second = replace(packed, manifest=replace(packed.manifest, version="1.1.0"), definitions=packed.definitions.with_document(
        replace(own, fields=(field, *own.fields[1:]))))

    done = packages.install(HOUSE, second, agreed=None)

    after = live()
    assert done.act == packages.UPGRADE and not done.conflicts
    assert after.documents[extended.path] == ours and after.modules[own.name].label == "Ours"
    assert after.modules[own.name].fields[-1] == field


def test_its_samples_go_in_whole_and_only_once(packed, tmp_path):
    packages.install(HOUSE, packed, agreed=None)
    worker.drain_all()
    package.write_samples(packed, tmp_path)
    users.create("boss", roles=["Admin"], full_name="Boss")
    boss = users.actor_for("boss", "cli")

    first, again = samples.take(boss, tmp_path), samples.take(boss, tmp_path)

    assert {each["module"]: (each["refused"], each["reasons"]) for each in first} == {each["module"]: (0, []) for each in first}
    assert [each["created"] for each in again] == [0] * len(first)
    worker.drain_all()
    for view in (each for each in packed.definitions.of(View) if each.module in packed.definitions.modules):
        assert query.find(boss, query.Query(view.module, view.columns, view.criteria)).rows, view.key
