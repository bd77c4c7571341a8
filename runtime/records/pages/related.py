"""A related list on a record's page: the first few records that point here through one lookup, ready to be drawn."""
from typing import Any
from urllib.parse import urlencode

import flask
from markupsafe import Markup

from metadata.model.layout import Layout
from runtime.records import query, shown
from runtime.records.drawing import Column, ShownRow
from runtime.records.list_state import may_read, name_of
from runtime.records.pages.base import Visit
from runtime.security import policy
from runtime.web import json

ROWS = 5


def listed(at: Visit, layout: Layout, record_id: int, number: int) -> dict[str, Any]:
    """What _panel_related.html draws; one statement. The caller has seen to it that this record may be read.

    Raises Refused where the actor may not read the module of the list, BadQuery where they may not read its lookup.
    """
    related = layout.related[number]
    other = at.now.module(related["module"])
    policy.require(at.actor, "read", other)
    there = Visit(at.now, at.actor, other, shown.module(at.now, at.actor, other))
    columns = [path for path in related.get("columns") or (other.name_field,) if may_read(at.now, at.actor, other, path)]
    asked = tuple(dict.fromkeys((*name_of(at.actor, other), *columns)))
    order = tuple((key["field"], bool(key.get("descending"))) for key in related.get("sort", ())
                  if may_read(at.now, at.actor, other, key["field"]))
    page = query.find(at.actor, query.Query(other.name, asked, None, order, ROWS, labels=True,
                                            pointing=(related["field"], record_id)))
    rows = [ShownRow(row.id, f"/m/{other.name}/{row.id}", shown.title(other, row), row.values) for row in page.rows]
    wanted = json.dumps([{"field": related["field"], "operator": "is", "operand": record_id}]).decode()
    return {"id": f"panel_related_{number}",
            "label": at.now.label(f"layouts.{layout.key}.related.{other.name}.{related['field']}", at.actor.language,
                                  related.get("label") or there.m.plural),
            "rows": _drawn(there, columns, rows), "all_href": f"/m/{other.name}?" + urlencode({"filter": wanted}),
            "count": {"text": f"{ROWS}+" if page.next else str(len(rows))} if rows else None,
            "new_href": f"/m/{other.name}/new?{related['field']}={record_id}" if policy.may(at.actor, "create", other) else None}


def _drawn(there: Visit, columns: list[str], rows: list[ShownRow]) -> list[dict[str, Any]]:
    """Each row's title, the state it is in, and what else there is to say of it, in words."""
    fields = [there.field(path) for path in columns]
    context, known = {"reader": there.reader}, rows[0].values if rows else {}
    made = [(role, field, Column(flask.current_app.jinja_env, field, Markup(""), context, known))
            for role, field in zip(shown.roles_of_columns(fields, there.module), fields, strict=True) if role != "title"]
    drawn = []
    for row in rows:
        state, facts = None, []
        for role, field, column in made:
            if field.pick(row.values) is None:
                continue
            if role == "state" and state is None:
                state = Markup(column.cell(row))
            else:
                facts.append(row.values.get(f"{field.name}:label") or Markup(column.cell(row)).striptags())
        drawn.append({"href": row.href, "title": row.title, "state": state, "facts": facts})
    return drawn
