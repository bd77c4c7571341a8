"""Tabs of a layout: checked, read in other languages, merged by name, added to another bundle's layout and taken out again."""
from dataclasses import replace

import pytest

from metadata import check, overlay, texts
from metadata.definitions import Definitions
from metadata.merge import merge
from metadata.model.layout import Layout
from metadata.model.layout_extension import LayoutExtension
from runtime.kinds.kind import catalogue
from tests.builders import a_field, a_layout, a_module

OVERVIEW, PAPERS = {"name": "overview", "label": "Overview"}, {"name": "papers", "label": "Papers"}


def a_section(name, tab=""):
    return {"name": name, "label": name.capitalize(), "fields": []} | ({"tab": tab} if tab else {})


def homes(*tabs, sections=(a_section("main"),), related=()) -> Definitions:
    return Definitions.of_documents([
        a_module("homes"), a_module("keys", a_field("home", "lookup", of="keys", settings={"module": "homes"})),
        a_layout("homes", tabs=tabs, sections=sections, related=related)])


def layout(definitions) -> Layout:
    return definitions.documents["layouts/homes.standard"]


def a_list(**more):
    return {"module": "keys", "field": "home", "columns": ["name"], **more}


@pytest.mark.parametrize(("definitions", "places"), [
    (homes(OVERVIEW, PAPERS, sections=(a_section("main"), a_section("deed", "papers")), related=(a_list(tab="papers"),)), []),
    (homes(), []),
    (homes(OVERVIEW, sections=(a_section("deed", "papers"),)), ["sections.deed.tab"]),
    (homes(sections=(a_section("deed", "papers"),)), ["sections.deed.tab"]),
    (homes(OVERVIEW, related=(a_list(tab="gone"),)), ["related.0.tab"]),
    (homes(OVERVIEW, {**PAPERS, "name": "overview"}), ["tabs.overview"]),
    (homes(OVERVIEW, PAPERS), []),              # a tab with nothing on it yet is nobody's mistake
])
def test_what_stands_on_a_tab_names_one_that_is_there(definitions, places):
    found = check.problems(definitions, catalogue())

    assert [problem.path.partition("#")[2] for problem in found] == places
    assert all(problem.message.endswith(".") for problem in found)


def test_a_section_without_a_tab_stands_on_the_first():
    tabbed = layout(homes(OVERVIEW, PAPERS))

    assert tabbed.tab_of(a_section("main")) == "overview" and tabbed.tab_of(a_section("deed", "papers")) == "papers"
    assert layout(homes()).tab_of(a_section("main")) == ""


def test_a_tab_is_named_in_every_language():
    addresses = {text.address: text.said for text in texts.texts(homes(OVERVIEW, PAPERS), catalogue())}

    assert addresses["layouts.homes.standard.tabs.papers"] == "Papers"


def test_tabs_are_merged_by_name_and_keep_their_order():
    base = homes(OVERVIEW, PAPERS)
    ours = homes({**OVERVIEW, "label": "All of it"}, PAPERS, {"name": "photos", "label": "Photos"})
    theirs = homes(PAPERS, OVERVIEW, sections=(a_section("main", "papers"),))

    done = merge(base, ours, theirs)

    assert layout(done.definitions).tabs == (PAPERS, {"name": "photos", "label": "Photos"}, {**OVERVIEW, "label": "All of it"})
    assert layout(done.definitions).sections[0]["tab"] == "papers" and not done.conflicts


def an_extension(*tabs, sections=(), related=()):
    return Definitions.of_documents([LayoutExtension(id="lay_homes", name="standard", module="homes", extends=True, tabs=tabs,
                                                     sections=sections, related=related)])


def installed(live, package, before=overlay.NONE):
    base, theirs = overlay.sides(live, before, package)
    return merge(base, live, theirs).definitions


def test_a_bundle_adds_tabs_to_anothers_layout_and_takes_just_them_out_again():
    live = homes(OVERVIEW)
    package = an_extension(PAPERS, sections=(a_section("deed", "papers"),), related=(a_list(tab="papers"),))

    laid = installed(live, package)
    here = layout(laid)
    mine = laid.with_document(replace(here, sections=(*here.sections, a_section("own", "papers"))))

    assert here.tabs == (OVERVIEW, PAPERS) and [each.get("tab") for each in here.sections] == [None, "papers"]
    assert package.onto(live) == laid
    assert overlay.lifted(laid, package)[0] == live
    assert [each.get("tab") for each in layout(overlay.lifted(mine, package)[0]).sections] == [None, None]
    assert layout(installed(laid, an_extension(sections=(a_section("deed"),)), package)).tabs == (OVERVIEW,)


def test_tabs_moved_here_stay_where_they_are_when_their_bundle_comes_again():
    first = an_extension(PAPERS, sections=(a_section("deed", "papers"),))
    laid = installed(homes(OVERVIEW), first)
    moved = laid.with_document(replace(layout(laid), tabs=layout(laid).tabs[::-1]))

    assert [tab["name"] for tab in layout(installed(moved, first, first)).tabs] == ["papers", "overview"]


def test_a_tab_two_bundles_add_stays_as_long_as_one_of_them():
    one, other = an_extension(PAPERS, sections=(a_section("deed", "papers"),)), an_extension(PAPERS)
    laid = installed(installed(homes(OVERVIEW), one), other)

    assert layout(overlay.lifted(laid, other, [one])[0]).tabs == (OVERVIEW, PAPERS)


def test_a_layout_laid_down_again_keeps_the_tabs_another_bundle_added():
    own = homes(OVERVIEW, PAPERS)
    laid = an_extension({"name": "photos", "label": "Photos"}, sections=(a_section("pictures", "photos"),
                                                                         a_section("scans", "papers"))).onto(own)

    again = layout(homes(OVERVIEW).onto(laid, own))

    assert [tab["name"] for tab in again.tabs] == ["overview", "photos"]
    assert {each["name"]: each.get("tab") for each in again.sections} == {"main": None, "pictures": "photos", "scans": None}
