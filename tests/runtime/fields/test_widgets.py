"""Widgets: escaped everywhere, labelled, and nothing typed is lost."""

from decimal import Decimal

import pytest

from runtime.fields.references import Reference
from runtime.locale.reader import reader
from tests.field_samples import CATALOGUE, field_of, shown

EVIL = "\"'><script>alert(1)</script>{{7*7}}"
WHO = reader("vi", "Asia/Ho_Chi_Minh", "USD")


def kind(name):
    return CATALOGUE.get("field_types", name)


def context(**more):
    return {"reader": WHO, "values": {}, "errors": {}} | more


@pytest.mark.parametrize(
    "name",
    [
        "text",
        "long_text",
        "rich_text",
        "email",
        "url",
        "phone",
        "auto_number",
        "tags",
        "picklist",
        "multi_picklist",
        "address",
        "file",
        "lookup",
        "owner",
    ],
)
def test_no_text_becomes_markup(name, widgets):
    type_ = kind(name)
    choices = ({"value": EVIL, "label": EVIL, "color": "grey"},)
    field = shown(type_, label=EVIL, help=EVIL, placeholder=EVIL, choices=choices)
    value = {
        "tags": [EVIL],
        "multi_picklist": [EVIL],
        "address": {"street": EVIL, "city": EVIL},
        "lookup": Reference(7, EVIL),
        "owner": Reference(7, EVIL),
    }.get(name, EVIL)
    widget = widgets(type_.widget)

    drawn = [
        widget.input(field, value, [EVIL], context(label=EVIL)),
        widget.show(field, value, context(label=EVIL)),
        widget.filter(field, EVIL, context(takes="one")),
        widget.filter(field, [EVIL], context(takes="many")),
    ]

    for html in drawn:
        assert "<script" not in str(html)
        assert "49" not in str(html)
        assert "\"'><" not in str(html)


def test_a_bad_address_is_shown_and_never_linked(widgets):
    assert "href" not in widgets("url").show(shown(kind("url")), "javascript:alert(1)", context())


def test_links_go_where_they_say(widgets):
    assert widgets("email").show(shown(kind("email")), "a&b@x.example", context()) == (
        '<a href="mailto:a%26b@x.example">a&amp;b@x.example</a>'
    )
    assert (
        widgets("phone").show(shown(kind("phone")), "+842838221190", context())
        == '<a href="tel:+842838221190">+84 28 3822 1190</a>'
    )
    assert widgets("lookup").show(shown(kind("lookup")), 12, context(label="Bến Nghé")) == '<a href="/m/accounts/12">Bến Nghé</a>'
    assert 'rel="noopener noreferrer nofollow"' in widgets("url").show(shown(kind("url")), "https://a.example", context())


def test_a_choice_is_a_pill_of_its_tone(widgets):
    assert widgets("select").show(shown(kind("picklist")), "open", context()) == "<span class=b-pill data-tone=blue>Open</span>"
    assert (
        widgets("select").show(shown(kind("picklist")), "retired", context()) == "<span class=b-pill data-tone=grey>retired</span>"
    )


def test_a_value_that_left_the_list_is_not_lost_by_the_form(widgets):
    assert '<option value="retired" selected>retired</option>' in widgets("select").input(
        shown(kind("picklist")), "retired", None, context()
    )


@pytest.mark.parametrize(("widget", "type", "had"), [("select", "picklist", "old"), ("multi_select", "multi_picklist", ["old"])])
def test_a_choice_that_is_no_longer_offered_stands_only_where_it_was(widgets, widget, type, had):
    field = shown(kind(type))
    field.choices = [{"value": "old", "label": "Old", "retired": True}, {"value": "open", "label": "Open"}]
    assert 'value="old"' not in widgets(widget).input(field, None, None, context())
    assert 'value="old"' in widgets(widget).input(field, had, None, context())
    assert 'value="old"' in widgets(widget).filter(field, None, context())


def test_a_lookup_is_found_by_typing_and_never_a_list(widgets):
    html = str(widgets("lookup").input(shown(kind("lookup")), Reference(12, "Bến Nghé"), None, context()))

    assert "<select" not in html and 'role="combobox"' in html and 'data-lookup="/lookup/accounts?for=deals.thing"' in html
    assert '<input type="hidden" name="thing" value="12">' in html and 'value="Bến Nghé"' in html


def test_money_is_typed_in_the_readers_way_with_its_currency(widgets):
    html = str(
        widgets("money").input(
            shown(kind("currency")), {"": Decimal("48500.5"), "currency": "VND", "home": Decimal(2)}, None, context()
        )
    )

    assert 'value="48.500,5"' in html and '<option value="VND" selected>' in html and "2 US$" in html.replace("\u00a0", " ")


def test_what_was_typed_and_refused_stands_there_again(widgets):
    assert 'value="12 apples"' in widgets("number").input(shown(kind("decimal")), "12 apples", ["Enter a number."], context())
    assert 'value="soon"' in widgets("datetime").input(shown(kind("datetime")), "soon", ["Enter a date."], context())
    assert 'name="thing.city" value="Huế"' in widgets("address").input(
        shown(kind("address")), None, None, context(values={"thing.city": "Huế"})
    )


def test_help_and_errors_are_tied_to_the_control(widgets):
    html = str(
        widgets("text").input(
            shown(kind("text"), field_of(kind("text"), required=True), help="As on the contract"), None, ["Enter it."], context()
        )
    )

    assert 'aria-invalid="true" aria-describedby="e-f-thing h-f-thing"' in html
    assert (
        'id="e-f-thing"' in html and 'id="h-f-thing"' in html and 'aria-required="true"' in html and '<label for="f-thing">' in html
    )
