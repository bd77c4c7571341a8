"""A package may carry a theme: it comes at rest, goes without a trace, and can hold nothing but colours."""
from dataclasses import replace

import pytest

from metadata import package
from metadata.definitions import Definitions
from metadata.errors import NotSound
from metadata.model.theme import Theme
from metadata.package import Package
from runtime import publish
from runtime.publish import packages
from runtime.tables import published
from runtime.values import HOUSE
from runtime.web import house_theme
from tests.runtime.publish import test_packages as others

pytestmark = pytest.mark.usefixtures("empty")
empty = others.empty

SEA = Theme(id="thm_sea", name="sea", label="Sea", light={"brand": "#1f4e8c"}, dark={"brand": "oklch(0.8 0.1 250)"}, radius="round")


def carrying(theme):
    return Package(others.seed(), Definitions.of_documents([*others.parts(), theme]))


def test_it_is_packed_read_installed_at_rest_chosen_and_taken_out_again():
    before = others.live()
    packed = package.pack(carrying(SEA))
    assert package.pack(package.read(packed)) == packed

    packages.install(HOUSE, packed, agreed=None)
    assert others.live().documents["themes/sea"] == SEA and house_theme.worn() is None
    packages.uninstall(HOUSE, "estate")
    assert others.live() == before


def test_a_theme_that_is_worn_stays_when_its_package_goes():
    packages.install(HOUSE, package.pack(carrying(SEA)), agreed=None)
    publish.publish(HOUSE, others.live().with_document(replace(SEA, active=True)))
    published.refresh()

    packages.uninstall(HOUSE, "estate")
    published.refresh()

    assert house_theme.worn() == replace(SEA, active=True)


@pytest.mark.parametrize(("theme", "said"), [
    (replace(SEA, active=True), "does not put its theme on by itself"),
    (replace(SEA, light={"brand": "url(https://evil.example)"}), "is not written as asked"),
    (replace(SEA, light={"--b-x;}*{": "#112233"}), "is not known here"),
    (replace(SEA, font="x;}"), "is not one of")])
def test_a_hostile_theme_is_refused_with_the_file_and_the_reason(theme, said):
    with pytest.raises(NotSound) as refused:
        package.read(package.pack(carrying(theme)))

    assert [each.path.startswith("themes/sea.json#") and said in each.message for each in refused.value.problems] == [True]


def test_a_theme_that_cannot_be_read_is_refused_when_it_is_installed():
    made = packages.install(HOUSE, package.pack(carrying(replace(SEA, light={"ink": "#eeeeee"}))), dry_run=True)

    assert any("'Text' on 'Page' has a contrast of" in str(each) for each in made.problems)
