"""Home: the first rows of the views that say they belong there."""
from typing import Any

import flask

from metadata.model.view import View
from runtime.db import clock
from runtime.locale import reader as locales
from runtime.records import list_state, query, shown
from runtime.records.pages.base import Visit, pages
from runtime.security import policy
from runtime.tables import published
from runtime.web.actor import current_actor
from runtime.web.htmx import answer
from runtime.web.policies import signed_in

ROWS = 6


@pages.get("/")
@signed_in
def home() -> flask.Response:
    actor, now = current_actor(), published.current()
    views = sorted((view for view in now.definitions.of(View) if "home" in view.settings), key=lambda view: view.settings["home"])
    cards = []
    for view in views:
        module = now.module(view.module)
        if policy.may(actor, "read", module):
            cards.append(_card(Visit(now, actor, module, shown.module(now, actor, module)), view))
    return answer("home.html", "main", cards=cards, today=locales.current().date(actor.moment(clock.now()).today))


def _card(at: Visit, view: Any) -> dict[str, Any]:
    state = list_state.ListState(at.module, view)
    columns = [path for path in state.shown_columns if list_state.may_read(at.now, at.actor, at.module, path)][:5]
    state = list_state.replace(state, columns=tuple(columns))
    page = query.find(at.actor, state.query(ROWS))
    fields = [at.field(path) for path in columns]
    placed = dict(zip(shown.roles_of_columns(fields, at.module), fields, strict=False))
    badge, rest = placed.get("state"), [field for field in fields if field not in (placed.get("title"), placed.get("state"))]
    rows = []
    for row in page.rows:
        meta = [text for field in rest if (text := shown.plain(field, row.values, at.reader))]
        chosen = badge and next((choice for choice in badge.choices if choice["value"] == row.values.get(badge.name)), None)
        rows.append({"label": shown.title(at.module, row), "href": f"/m/{at.module.name}/{row.id}", "meta": " · ".join(meta[:3]),
                     "badge": shown.plain(badge, row.values, at.reader) if badge else None, "tone": (chosen or {}).get("color")})
    return {"title": at.now.label(f"views.{view.key}.label", at.actor.language, view.label), "module": at.m, "icon": at.m.icon,
            "href": f"/m/{at.module.name}?view={view.name}", "rows": rows, "more": page.next is not None,
            "new_href": f"/m/{at.module.name}/new" if policy.may(at.actor, "create", at.module) else None}
