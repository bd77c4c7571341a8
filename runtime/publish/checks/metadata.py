"""Do the tables look as the published version says?"""
import sqlalchemy as sa

from metadata import store
from runtime.kinds.check import Check, Finding
from runtime.publish.reconcile import drift


class Metadata(Check):
    name = "metadata"
    label = "Metadata"

    def look(self, connection: sa.Connection) -> Finding:
        found = drift(connection)
        number = store.number(connection)
        figures = {"drift": len(found), "published": number}
        if found:
            return Finding(False, f"{len(found)} differences between version {number} and the tables: {found[0]}", figures)
        return Finding(True, f"Version {number}; the tables are as it says.", figures)
