"""Rich text lets only its list through, on the way in and on the way out (safety T45)."""

import re

import pytest

from runtime.fields import rich
from tests.field_samples import CATALOGUE, field_of

RICH = CATALOGUE.get("field_types", "rich_text")

CORPUS = [
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><p><style><a title='</style><img src onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form action=//evil><input name=x></form>",
    "<p hx-get=/admin data-hx-get=/x onclick=x id=csrf name=y class=z>t</p>",
    "<p style='background:url(//evil)'>t</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' jav\tascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>'>x</a>",
    "<iframe srcdoc='<script>'></iframe>",
    "<scr<script>ipt>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "<base href=//evil>",
    "<meta http-equiv=refresh content='0;url=//evil'>",
    "<link rel=stylesheet href=//evil>",
    "<object data=x></object>",
]


@pytest.mark.parametrize("attack", CORPUS)
def test_only_the_list_survives(attack):
    kept = rich.clean(f"<p>before</p>{attack}<p>after</p>")

    tags = re.findall(r"<\s*([a-zA-Z0-9]+)([^>]*)>", kept)
    assert all(tag in rich.TAGS for tag, _attributes in tags), kept
    assert all(
        re.fullmatch(r'(?: href="(?:https?:|mailto:)[^"]*"| rel="noopener nofollow")*', attributes) for _tag, attributes in tags
    ), kept
    assert rich.clean(kept) == kept


def test_what_was_stored_before_the_list_got_shorter_is_cleaned_when_shown():
    assert RICH.markup("<p>a<img src=x onerror=alert(1)></p>") == "<p>a</p>"


def test_formatting_stays_and_exports_get_the_words():
    field = field_of(RICH)
    given = "<h3>Note</h3><p>Price is <strong>fine</strong> &amp; <a href='https://a.example'>signed</a>.</p><ul><li>x</li></ul>"

    kept = RICH.value(field).deserialize(given)

    assert "<strong>fine</strong>" in kept and 'href="https://a.example"' in kept
    assert RICH.show(field, kept, None) == "Note\nPrice is fine & signed.\nx"


def test_tags_without_words_are_no_value():
    assert RICH.value(field_of(RICH)).deserialize("<p><br></p>") is None


def test_words_without_tags_become_paragraphs():
    value = RICH.value(field_of(RICH))

    assert value.deserialize("Price & terms:\nfine\n\nSigned") == "<p>Price &amp; terms:<br>fine</p><p>Signed</p>"
    assert value.deserialize("a &lt; b") == "<p>a &lt; b</p>"
