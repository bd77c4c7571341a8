"""Whatever words definitions and records hold, every page shows them as words: no tag, no handler, no place to be filled."""
from html.parser import HTMLParser
from urllib.parse import urldefrag

import pytest

from metadata import shape
from metadata.definitions import Definitions, read_document
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.translation import Translation
from runtime import publish, worker
from runtime.app import create_app
from runtime.kinds.kind import catalogue
from runtime.records import service
from runtime.security import store, users
from runtime.tables import published
from runtime.values import HOUSE
from tests.builder import doors
from tests.runtime.web.conftest import KEY, signed_in

EVIL = "<img src=x onerror=a()>\" onmouseover=a() x='%(label)s%s{{7*7}}"
READ = ("label", "words")
MOST = 2
"""So many addresses of one route are looked at."""


def evil(schema, value):
    """The same with EVIL before every text that people read."""
    if isinstance(value, str):
        return f"{EVIL}{value}"[:schema.get("maxLength", 500)] if schema.get("format") in READ else value
    if isinstance(value, dict):
        known = schema.get("properties", {})
        return {name: evil(known.get(name, {}), each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [evil(schema.get("items", {}), each) for each in value]
    return value


def spoilt(document):
    content = document.to_json()
    if isinstance(document, Translation):
        labels = {place: EVIL + said[:80] for place, said in content["labels"].items()}
        return read_document(document.path, content | {"labels": labels})
    made = evil(shape.schema(type(document)), content)
    if isinstance(document, Module):
        made["fields"] = [evil(shape.schema(Field), each) for each in content["fields"]]
        for each in made["fields"]:
            if each.get("settings"):
                each["settings"] = evil(catalogue().get("field_types", each["type"]).settings_schema, each["settings"])
            if each["type"] == "picklist" and each["settings"].get("choices"):
                each["settings"]["choices"].append({"value": EVIL[:60], "label": EVIL[:60]})
    return read_document(document.path, made)


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.links, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.wrong += [f"<{tag} {name}={value}>" for name, value in attrs
                       if name.startswith("on") or name == "style" or (tag == "img" and value == "x")]
        self.links += [given[name] for name in ("href", "hx-get", "src") if (given.get(name) or "").startswith("/")]


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    worker.prepare()
    publish.install_seed(HOUSE, "seeds/sales")
    told = published.refresh().definitions
    hostile = Definitions.of_documents([spoilt(each) for each in told.documents.values()])
    publish.publish(HOUSE, hostile, override="Its words are what this is about")
    published.refresh()
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name=f"Bo {EVIL}")
    account = service.create(HOUSE, "accounts", {"name": EVIL, "description": EVIL})
    lead = {"name": EVIL, "company": EVIL, "email": "a@b.example", "status": EVIL[:60]}
    service.create(HOUSE, "leads", lead)
    service.create(HOUSE, "contacts", {"name": EVIL, "account": account.id})
    service.create(HOUSE, "deals", {"name": EVIL, "account": account.id, "stage": "Qualification", "close_date": "2026-12-15"})
    service.create(HOUSE, "tasks", {"subject": EVIL, "status": "Not Started"})
    service.delete(HOUSE, "accounts", service.create(HOUSE, "accounts", {"name": f"{EVIL} gone"}).id)
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_words_stay_words_on_every_page(app, language):
    boss, seen, often, wrong = signed_in(app, "boss"), set(), {}, []
    store.save_profile(users.get("boss").id, {"language": language})
    waiting = ["/", "/builder", "/search?q=img", *(f"/m/{name}" for name in ("leads", "deals", "accounts", "contacts", "tasks"))]
    while waiting:
        address = urldefrag(waiting.pop(0)).url
        route = doors.of(app, address)
        if address in seen or route is None or route.startswith(("/static", "/theme")) or often.get(route, 0) >= MOST:
            continue
        seen.add(address)
        often[route] = often.get(route, 0) + 1
        answer = boss.get(address)
        if answer.status_code >= 500:
            wrong.append((address, answer.status_code))
        if answer.mimetype == "text/html":
            page = Page()
            page.feed(answer.text)
            wrong += [(address, each) for each in page.wrong]
            if "49" + "\"" in answer.text and "{{7*7}}" not in answer.text and EVIL[:10] in answer.text:
                wrong.append((address, "a place was filled"))
            waiting += page.links
    assert wrong == []
    assert len(often) > 60
