"""Search words: when a module's search fields change, the words of its existing records are gathered again."""
from typing import Any

import sqlalchemy as sa

from metadata.model.module import Module
from runtime.db import setting
from runtime.kinds.event_handler import EventHandler
from runtime.tables.published import Published, current
from runtime.values import Event


class SearchWords(EventHandler):
    name = "search_words"
    label = "Gather search words again when the search fields change"
    always = True
    queue = "slow"
    events = ("metadata.published",)

    def handle(self, event: Event, tx: Any) -> None:
        now = current()
        for module in now.definitions.modules.values():
            fields = [module.by_name[name].id for name in module.search_fields if name in module.by_name]
            name = f"search.{module.id}"
            if setting.read(tx, name) != fields:
                gather(now, tx, module)
                setting.keep(tx, name, fields)


def gather(now: Published, tx: Any, module: Module) -> None:
    """Write the search column of every record whose words differ from what it holds."""
    table = now.table(module.name)
    fresh = sa.null()
    if module.search_fields:
        words = sa.func.house.words(sa.func.concat_ws(" ", *[table.c[name] for name in module.search_fields]))
        fresh = sa.func.to_tsvector(sa.literal_column("'simple'::regconfig"), words)
    tx.execute(table.update().values(search=fresh).where(table.c.search.is_distinct_from(fresh)))
