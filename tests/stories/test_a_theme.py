"""An admin gives the house its own look, in a real browser: the preview follows each choice, and what cannot be read is said."""
import pytest

from runtime.security import users
from tests import builders
from tests.stories.browsing import PASSWORD, browsing

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium, live):
    builders.publish_all(builders.a_module("deals"))
    users.sync_roles()
    users.create("boss", roles=("Admin",), password=PASSWORD, full_name="Bo Boss")
    with browsing(chromium) as visit:
        yield visit(live, "boss", color_scheme="light")


def becomes(page, selector, color):
    """It has this background once its change of colour is over."""
    page.wait_for_function("([at, color]) => getComputedStyle(document.querySelector(at)).backgroundColor === color",
                           arg=[selector, color])


def test_colours_are_tried_mended_published_and_worn(page, live):
    page.goto(f"{live}/builder/theme")
    page.fill("[name='light.brand']", "#9ecbff")

    becomes(page, ".b-look[data-bs-theme=light] .btn-primary", "rgb(158, 203, 255)")
    becomes(page, ".b-look[data-bs-theme=dark] .btn-primary", "rgb(108, 195, 160)")
    page.wait_for_selector("#contrast :text('Text on the brand on Brand, light: 1.')")

    page.fill("#from", "#1f4e8c")
    page.click("button[value=family]")
    page.wait_for_selector("#contrast :text('pairs of colours can be read well.')")
    page.wait_for_selector(".b-toast:has-text('Kept in the draft.')")
    becomes(page, ".b-look[data-bs-theme=light] .btn-primary", "rgb(31, 78, 140)")
    becomes(page, ".b-top .btn-primary", "rgb(27, 107, 80)")

    page.goto(f"{live}/builder/review")
    page.click("#publish button[type=submit]")
    page.wait_for_selector(".b-toast")
    page.goto(f"{live}/builder/modules/new")
    becomes(page, "#work .btn-primary", "rgb(31, 78, 140)")
