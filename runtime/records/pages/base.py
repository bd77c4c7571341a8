"""What every page of the records room needs: the blueprint, the actor, the module, the reader."""
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flask
from jinja2 import pass_environment

from metadata.model.layout import Layout
from metadata.model.module import Module
from runtime.db import clock
from runtime.locale import reader as locales
from runtime.records import cursor, drawing, layout_rules, layouts, shown
from runtime.records.layout_rules import InForce
from runtime.security import policy
from runtime.tables import published
from runtime.tables.published import Published
from runtime.values import Actor
from runtime.web.actor import current_actor

pages = flask.Blueprint("records", __name__, template_folder="../templates")

pages.record_once(lambda state: cursor.use_key(state.app.config["SECRET_KEY"]))
pages.add_app_template_filter(pass_environment(drawing.drawn), "drawn")

VERBS = ("create", "edit", "delete", "import", "export")


@dataclass(frozen=True)
class Visit:
    """One request to one module's pages."""
    now: Published
    actor: Actor
    module: Module
    m: shown.ShownModule

    @property
    def reader(self) -> Any:
        return locales.current()

    def may(self, **owner: Any) -> dict[str, bool]:
        return {verb: policy.may(self.actor, verb, self.module, **owner) for verb in VERBS}

    def field(self, path: str) -> shown.ShownField:
        return shown.field(self.now, self.actor, self.module, path)

    @property
    def moment(self) -> Any:
        return self.actor.moment(clock.now())

    def layout(self, values: Mapping[str, Any]) -> Layout:
        """The layout of a record with these values, for this actor."""
        return layouts.chosen(self.now, self.actor, self.module, values, self.moment)

    def rules(self, layout: Layout, values: Mapping[str, Any]) -> InForce:
        """What layout rules say of a record with these values, for this actor."""
        return layout_rules.in_force(self.now, self.actor, self.module, layout, values, self.moment)


def visit(name: str, verb: str = "read") -> Visit:
    """Raises NotFound for an unknown module and one the actor may not see, Refused for the verb."""
    actor, now = current_actor(), published.current()
    module = now.module(name)
    policy.require(actor, verb, module)
    return Visit(now, actor, module, shown.module(now, actor, module))
