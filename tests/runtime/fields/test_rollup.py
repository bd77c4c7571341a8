"""What may be asked of a roll-up, and whether it is a figure, follows from what comes out of it."""
from metadata.model.field import Field
from runtime.kinds.kind import catalogue


def asked(**settings):
    kind = catalogue().get("field_types", "rollup")
    field = Field(id="fld_x", name="x", label="X", type="rollup", settings={"module": "calls", "field": "deal", **settings})
    return {operator.name for operator in kind.asked(field)}


def test_the_latest_of_several_dates_is_asked_as_a_date():
    assert {"next_days", "older_than", "this_month", "before"} <= asked(measure="max", of="starts", result="date")
    assert "next_days" not in asked(measure="count") and "above" in asked(measure="count")


def test_only_what_comes_out_as_a_figure_is_one():
    def figures(kind, **settings):
        field = Field(id="fld_x", name="x", label="X", type=kind, settings=settings)
        return catalogue().get("field_types", kind).figures(field)

    assert figures("rollup", measure="count") and figures("formula", expression="1", result="percent")
    assert not figures("rollup", measure="max", result="date") and not figures("formula", expression="name", result="text")
