"""Field samples: what tests of field types share: the types, fields to try them with, an environment for widgets."""
from types import SimpleNamespace

import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from metadata.model.field import Field
from runtime.kinds.kind import discover
from runtime.locale import text

CATALOGUE = discover("runtime.fields")
KINDS = CATALOGUE.all("field_types")
SETTINGS = {
    "picklist": {"choices": [{"value": "open", "label": "Open", "color": "blue", "stage": "open", "probability": 40},
                             {"value": "closed", "label": "Closed & won"}]},
    "lookup": {"module": "accounts"},
    "formula": {"expression": "amount * 2"},
    "rollup": {"module": "deals", "field": "account", "measure": "count"},
    "since": {"field": "stage"},
}
SETTINGS["multi_picklist"] = {"choices": [{"value": choice["value"], "label": choice["label"]}
                                          for choice in SETTINGS["picklist"]["choices"]]}


def field_of(kind, **changes):
    return Field(id=f"fld_{kind.name}", name="thing", label="Thing", type=kind.name,
                 **{"settings": SETTINGS.get(kind.name, {})} | changes)


def shown(kind, field=None, **changes):
    """A field as a page hands it to a widget."""
    field = field or field_of(kind)
    given = {"name": field.name, "label": field.label, "type": field.type, "widget": kind.widget, "required": field.required,
             "read_only": False, "help": "", "placeholder": "", "settings": field.settings, "numeric": kind.numeric,
             "id_attr": "f-thing", "target": kind.target(field), "choices": tuple(field.settings.get("choices", ())),
             "field": field, "kind": kind, "module": "deals", "ruled": False, "hidden": False, "locked": False}
    return SimpleNamespace(**given | changes)


@pytest.fixture(scope="session")
def widgets():
    """widgets("text").input(…): the macros of one widget."""
    environment = Environment(loader=ChoiceLoader([FileSystemLoader("runtime/fields/templates")]), autoescape=True,
                              undefined=StrictUndefined)
    environment.globals["static"] = lambda name: f"/static/{name}"
    text.install(environment)
    return lambda name: environment.get_template(f"widgets/{name}.html").module

