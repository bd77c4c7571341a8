"""Problems as an admin who reads Vietnamese meets them: on the review page and from the API."""
import re

import pytest

from builder import draft as drafts
from metadata.model.translation import Translation
from runtime.app import create_app
from runtime.records import service as records
from runtime.security import users
from runtime.values import HOUSE
from tests import builders
from tests.builder.test_review import post
from tests.runtime.web.conftest import KEY, signed_in

ENGLISH = (" is ", " the ", " cannot ", " must ", "There ", "Choose ", " needs ", " of ")


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals", builders.a_field("amount", "decimal", of="deals")),
                         builders.a_view("deals", ("name",)), builders.a_layout("deals"),
                         Translation(id="tr_vi", name="vi", labels={"modules.deals.fields.amount.label": "Số tiền",
                                                                "modules.deals.plural": "Giao dịch"}))
    users.create("boss", roles=("Admin",), password="boss password", full_name="Boss")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


def spoil(client):
    """A draft with problems of many sorts."""
    def put(definitions):
        formulas = {"wrong": "nme & 1", "cut": "amount *", "mixed": "amount + name", "far": "UPPERR(name)"}
        fields = [builders.a_field(name, "formula", of="deals", settings={"expression": said, "result": "number"})
                  for name, said in formulas.items()]
        lookup = builders.a_field("other", "lookup", of="deals", settings={"module": "nowhere"})
        module = builders.a_module("deals", builders.a_field("amount", "decimal", of="deals"), lookup, *fields)
        view = builders.a_view("deals", ("name", "nothing"), criteria={"field": "amount", "operator": "sounds_like", "operand": 1})
        return definitions.with_document(module).with_document(view)

    return drafts.change(users.actor_for("boss", "page"), "A step.", put)


def test_the_review_page_says_every_problem_in_vietnamese(app):
    client = signed_in(app, "boss")
    post(client, "/me/settings", language="vi")
    draft = spoil(client)
    assert len(draft.problems) >= 6

    page = client.get("/builder/review").text

    said = page.split('class="b-mend"')[1].split("</ul>")[0]
    assert "Không có trường &#39;nothing&#39; trong Giao dịch" in said
    assert "Biểu thức kết thúc quá sớm" in said and "Có phải ý là UPPER?" in said
    assert [word for word in ENGLISH if word in re.sub("<[^>]+>", " ", said)] == []


def test_what_is_lost_is_called_as_the_reader_calls_it(app):
    client = signed_in(app, "boss")
    records.create(HOUSE, "deals", {"name": "One", "amount": 5})
    post(client, "/me/settings", language="vi")
    post(client, "/builder/review/drop")
    drafts.change(users.actor_for("boss", "page"), "A step.", lambda known: known.with_document(builders.a_module("deals")))

    page = client.get("/builder/review").text

    assert "1 giá trị trong &#39;Số tiền&#39; sẽ mất sau 30 ngày" in page
    post(client, "/builder/review/drop")


def test_the_api_says_it_in_the_readers_words_too(app):
    client = signed_in(app, "boss")
    post(client, "/me/settings", language="vi")
    spoil(client)

    answered = client.post("/api/v1/metadata/check", json={"draft": "-"},
                           headers={"Authorization": f"Bearer {users.token('boss')}"})

    said = [problem["message"] for problem in answered.json["problems"]]
    assert any("Biểu thức kết thúc quá sớm" in each for each in said), answered.text
