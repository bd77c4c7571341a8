"""300 modules of 100 fields each: the builder's pages, a check, publishing one small change, and who works meanwhile.

The definitions live in a database of their own beside the deals, published once and kept.
"""
import itertools
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import replace

from bench import installation, large, serving
from bench.client import Ask, Visit
from bench.stage import Row, Stage
from builder import draft
from runtime import publish
from runtime.publish import service
from runtime.security import store, users
from runtime.tables import published
from runtime.values import HOUSE

ORDER = 110
MODULE = large.name_of(5)
PAGES = {
    "modules": "/builder", "fields": f"/builder/m/{MODULE}", "a field": f"/builder/m/{MODULE}/fields/rollup_16",
    "a new field": f"/builder/m/{MODULE}/new/lookup", "settings": f"/builder/m/{MODULE}/settings",
    "a rule": f"/builder/m/{MODULE}/rules/sound", "a new button": f"/builder/m/{MODULE}/buttons/new",
    "a layout": f"/builder/m/{MODULE}/layouts/standard", "a view": f"/builder/m/{MODULE}/views/all",
    "a layout rule": f"/builder/m/{MODULE}/layout_rules/new", "translations": "/builder/translations/vi",
    "documents": "/builder/d/validation_rules", "a document": "/builder/d/convert_maps/new",
    "review": "/builder/review", "search": "/builder/search?q=integer_3", "uses": "/builder/search?q=lookup_6",
    "versions": "/builder/versions", "packages": "/builder/packages/build",
}
PAGE, CHECK, PUBLISH, READ = 300, 2, 2, 100
"""Milliseconds, seconds, seconds, milliseconds: what may not be exceeded."""
MEANWHILE = 2.0
_numbers = itertools.count(int(time.time()))


def rows(stage: Stage) -> Iterator[Row]:
    with installation.beside("large"):
        whole = large.definitions()
        if published.refresh().definitions != whole:
            other = whole.module(large.name_of(7))
            called = tuple(replace(field, name="post") if field.name == "email_10" else field for field in other.fields)
            for each in (whole, whole.with_document(replace(other, fields=called)), whole):     # a rename lies behind it
                publish.publish(HOUSE.through("cli"), each)
            published.refresh()
        users.ensure_admin("admin", "an admin measures")
        admin = users.actor_for(users.get("admin").id, "page")
        product = serving.product().start()
        try:
            session = store.start_session(admin.user_id, {"csrf_token": "c" * 40}, agent="bench")
            visit = Visit(product.port, {"Cookie": f"banyan={session}"})
            yield from _pages(stage, admin, visit)
            yield from _publishing(stage, visit)
        finally:
            product.stop()
        yield Row("large: check", "s", stage.rounds(_checked)[0], target=CHECK)


def _pages(stage: Stage, admin, visit: Visit) -> Iterator[Row]:
    """With a draft of one changed field, as somebody meets them who is at work."""
    draft.drop(admin)
    draft.change(admin, "Change a field.", _small)
    for name, path in PAGES.items():
        took, = stage.rounds(stage.one(visit, Ask(path), times=5))
        yield Row(f"large: {name}", "ms", took, target=PAGE)
    draft.drop(admin)


def _publishing(stage: Stage, visit: Visit) -> Iterator[Row]:
    took: list[float] = []
    longest: list[float] = []
    for _ in range(3):
        reading = stage.driver.begin(visit, [Ask(f"/m/{large.name_of(9)}")], clients=2, seconds=MEANWHILE, warm=8)
        time.sleep(MEANWHILE / 4)
        live = published.refresh()
        began = time.perf_counter()
        publish.publish(HOUSE.through("cli"), _small(live.definitions))
        took.append(time.perf_counter() - began)
        longest.append(reading.get().longest)
    yield Row("large: publish a small change", "s", sorted(took)[1], target=PUBLISH)
    yield Row("large: longest read meanwhile", "ms", sorted(longest)[1], target=READ)


def _small(definitions):
    """One field's label and one new field."""
    module, number = definitions.module(MODULE), next(_numbers)
    changed = replace(module.by_name["text_1"], label=f"Text {number}")
    added = replace(changed, id=f"fld_added_{number}", name=f"added_{number}")
    return definitions.with_document(replace(module, fields=(
        *(changed if field.name == "text_1" else field for field in module.fields if not field.name.startswith("added_")), added)))


def _checked() -> float:
    """In a new process, which has seen none of it before."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_check)


def _check() -> float:
    from runtime.cli.ready import ready  # only the child needs it here

    ready()
    whole = large.definitions()
    began = time.perf_counter()
    if problems := service.problems_of(whole):
        raise RuntimeError(str(problems[0]))
    return time.perf_counter() - began
