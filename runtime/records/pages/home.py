"""Home: the first rows of the views that say they belong there."""
from typing import Any

import flask

from metadata.model.view import View
from runtime.db import clock
from runtime.locale import reader as locales
from runtime.locale.text import _
from runtime.records import deadlines, list_state, query, shown
from runtime.records.pages.base import Visit, pages
from runtime.security import policy
from runtime.tables import published
from runtime.web.actor import current_actor
from runtime.web.htmx import answer
from runtime.web.policies import signed_in

ROWS, COLUMNS = 6, 5


@pages.get("/")
@signed_in
def home() -> flask.Response:
    actor, now = current_actor(), published.current()
    views = sorted((view for view in now.definitions.of(View) if "home" in view.settings), key=lambda view: view.settings["home"])
    cards = []
    for view in views:
        module = now.module(view.module)
        if policy.may(actor, "read", module) and list_state.may_open(now, actor, view):
            cards.append(_card(Visit(now, actor, module, shown.module(now, actor, module)), view))
    reader = locales.current()
    return answer("home.html", "main", cards=cards, today=reader.date(actor.moment(clock.now()).today),
                  greeting=_greeting(reader.local(clock.now()).hour, actor.name))


def _greeting(hour: int, name: str) -> str:
    if hour < 12:
        return _("Good morning, %(name)s", name=name)
    return _("Good afternoon, %(name)s", name=name) if hour < 18 else _("Good evening, %(name)s", name=name)


def _card(at: Visit, view: Any) -> dict[str, Any]:
    state = list_state.read(at.now, at.actor, at.module, {"view": view.name})
    columns = [path for number, path in enumerate(state.shown_columns) if number < COLUMNS or path in state.deadlines]
    state = list_state.replace(state, columns=tuple(columns))
    asked = state.query(ROWS)
    page = query.find(at.actor, asked)
    number, capped = query.count(at.actor, asked) if page.next else (len(page.rows), False)
    fields = [at.field(path) for path in columns]
    placed = dict(zip(shown.roles_of_columns(fields, at.module), fields, strict=False))
    badge = placed.get("state")
    deadline = next((field for field in fields if field.name in state.deadlines), None)
    rest = [field for field in fields if field not in (placed.get("title"), badge, deadline)]
    rows = []
    for row in page.rows:
        meta = [text for field in rest if (text := shown.plain(field, row.values, at.reader))]
        chosen = badge and next((choice for choice in badge.choices if choice["value"] == row.values.get(badge.name)), None)
        tone, words = deadlines.standing(deadline.pick(row.values), at.moment.today, at.reader) if deadline else ("", "")
        rows.append({"label": shown.title(at.module, row), "href": f"/m/{at.module.name}/{row.id}", "meta": " · ".join(meta[:3]),
                     "due": words or (shown.plain(deadline, row.values, at.reader) if deadline else ""), "due_tone": tone,
                     "badge": shown.plain(badge, row.values, at.reader) if badge else None, "tone": (chosen or {}).get("color")})
    return {"title": at.now.label(f"views.{view.key}.label", at.actor.language, view.label), "module": at.m, "icon": at.m.icon,
            "count": at.reader.number(number) + ("+" if capped else "") if number else None,
            "href": f"/m/{at.module.name}?view={view.name}", "rows": rows, "more": page.next is not None,
            "new_href": f"/m/{at.module.name}/new" if policy.may(at.actor, "create", at.module) else None}
