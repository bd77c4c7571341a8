"""Every door of the builder, found as a visitor would: the pages an administrator comes to by links, and every form on them."""
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urlsplit

from werkzeug.exceptions import HTTPException

MOST = 3
"""So many addresses of one route are looked at."""
SHUT = re.compile(r"/builder/(undo|redo|preview/|frame/)|/builder/theme/.*\.(css|png)$")


@dataclass
class Form:
    """Where it goes and what it would send if nobody touched it. files: names of those it asks for."""
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def values(self) -> dict[str, list[str]]:
        known: dict[str, list[str]] = {}
        for name, value in self.fields:
            known.setdefault(name, []).append(value)
        return known


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._inside: Form | None = None
        self._area = self._select = ""
        self._text = ""
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        for name in ("href", "hx-get"):
            if (given.get(name) or "").startswith("/builder"):
                self.links.append(given[name])
        if tag == "form" and (given.get("method") or "").lower() == "post":
            self._inside = Form(given.get("action") or "")
            self.forms.append(self._inside)
        elif given.get("hx-post") and tag != "form":
            self.forms.append(Form(given["hx-post"], list(self._inside.fields) if self._inside else []))
        if self._inside is None:
            return
        name = given.get("name") or ""
        if tag == "button" and given.get("formaction"):
            self.forms.append(Form(given["formaction"], self._inside.fields))
        if tag == "button" and name:
            self.forms.append(Form(given.get("formaction") or self._inside.action,
                                   [*self._inside.fields, (name, given.get("value") or "")]))
        elif tag == "input" and name and given.get("type") == "file":
            self._inside.files.append(name)
        elif tag == "input" and name and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._inside.fields.append((name, given.get("value") or ""))
        elif tag == "textarea" and name:
            self._area, self._text = name, ""
        elif tag == "select" and name:
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((given.get("value") or "", "selected" in given))

    def handle_data(self, data):
        if self._area:
            self._text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = None
        elif tag == "textarea" and self._area and self._inside:
            self._inside.fields.append((self._area, self._text))
            self._area = ""
        elif tag == "select" and self._select and self._inside:
            chosen = [value for value, selected in self._options if selected] or [v for v, _s in self._options[:1]]
            self._inside.fields.extend((self._select, value) for value in chosen)
            self._select = ""


def read(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    return page


def walk(app, client, start: tuple[str, ...] = ("/builder",)) -> tuple[dict[str, int], list[Form]]:
    """({address: status} of the pages it came to, the forms on them: of each route and each set of names one)."""
    seen: dict[str, int] = {}
    often: Counter[str] = Counter()
    forms: dict[tuple, Form] = {}
    waiting = list(start)
    while waiting:
        address = urldefrag(waiting.pop(0)).url
        route = of(app, address)
        if address in seen or route is None or SHUT.search(address) or often[route] >= MOST:
            continue
        often[route] += 1
        answer = client.get(address)
        seen[address] = answer.status_code
        if answer.mimetype != "text/html":
            continue
        page = read(answer.text)
        waiting.extend(page.links)
        for form in page.forms:
            form.action = form.action or urlsplit(address).path
            key = (of(app, form.action, "POST"), *sorted({re.sub(r"\d+", "0", name) for name, _value in form.fields}))
            if form.action.startswith("/builder"):
                forms.setdefault(key, form)
    return seen, list(forms.values())


def of(app, address: str, verb: str = "GET") -> str | None:
    """The rule of the address; None where there is none."""
    try:
        rule, _values = app.url_map.bind("localhost").match(urlsplit(address).path, method=verb, return_rule=True)
    except HTTPException:
        return None
    return rule.rule


def rules(app, *verbs: str) -> Iterator[tuple[str, str]]:
    """(verb, rule) of everything under the builder and its API."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(("/builder", "/api/v1/metadata")):
            yield from ((verb, rule.rule) for verb in sorted(rule.methods - {"HEAD", "OPTIONS"}) if not verbs or verb in verbs)
