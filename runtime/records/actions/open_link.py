"""Open link: go to an address made from the record's values, such as a map or another system's page."""
import re
from typing import Any
from urllib.parse import quote

from runtime.db import clock
from runtime.kinds.action import Action
from runtime.locale.text import _
from runtime.records.facts import Facts
from runtime.tables.published import current
from runtime.values import Actor, Record

MARK = re.compile(r"\{([a-z0-9_.]+)\}")
ADDRESS = r"^(https?://[^\s{}/?#\\@]+([/?#][^\s\\]*)?|/([^\s/\\][^\s\\]*)?|(mailto|tel):[^\s]+)$"
"""No value of a record ever stands where it would choose the host."""


class OpenLink(Action):
    name = "open_link"
    label = "Open link"
    acts = False
    settings_schema = {
        "type": "object",
        "required": ["address"],
        "properties": {"address": {
            "type": "string", "maxLength": 1000, "pattern": ADDRESS, "title": "Address",
            "description": "Begins with https:// or /; {field} stands for a value: https://maps.example/?q={billing.city}."}},
        "additionalProperties": False,
    }

    def run(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str:
        return _("The link is open.")

    def address(self, actor: Actor, record: Record, settings: dict[str, Any]) -> str | None:
        now = current()
        named = {tuple(path.split(".")) for path in MARK.findall(settings["address"])}
        module = now.module(record.module)
        facts = now.once(("link", module.name, settings["address"]), lambda: Facts(now, module, named))
        known = facts.gather(record.values, actor.moment(clock.now()), actor)
        found = MARK.sub(lambda mark: _written(known.get(mark[1])), settings["address"])
        return found if re.match(ADDRESS, found) else None


def _written(value: Any) -> str:
    return "" if value is None else quote(str(value), safe="")
