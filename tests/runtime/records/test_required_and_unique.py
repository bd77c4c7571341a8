"""Required and unique: the refusal names the field it is about, whatever the fields are called and however they are made."""
import pytest

from runtime import worker
from runtime.errors import Invalid
from runtime.records import service
from tests import builders
from tests.builders import a_field, a_rep

LAN = a_rep(7)


@pytest.fixture(scope="module", autouse=True)
def crm(database):
    made = builders.publish_all(builders.a_module(
        "sites", a_field("code", of="sites", unique=True), a_field("zip_code", of="sites", unique=True),
        a_field("code_2", of="sites", unique=True), a_field("place", "address", of="sites", required=True),
        a_field("price", "currency", of="sites", required=True), a_field("tags", "tags", of="sites", required=True),
        a_field("done", "checkbox", of="sites", required=True)), builders.a_role("rep"))
    worker.prepare()
    worker.drain_all()
    return made


def a_site(**values):
    return service.create(LAN, "sites", {"name": "x", "place": {"city": "Huế"}, "price": 5, "tags": ["a"], "done": False} | values)


@pytest.mark.parametrize("name", ["code", "zip_code", "code_2"])
def test_a_value_that_is_taken_is_refused_at_its_own_field(name):
    a_site(**{name: f"taken {name}"})

    with pytest.raises(Invalid) as caught:
        a_site(**{name: f"taken {name}"})
    assert set(caught.value.errors) == {name}


@pytest.mark.parametrize(("given", "name"), [
    ({"place": None}, "place"), ({"place": {}}, "place"), ({"place": {"city": " "}}, "place"), ({"price": None}, "price"),
    ({"price": {"currency": "USD"}}, "price"), ({"tags": []}, "tags"), ({"tags": [" "]}, "tags"), ({"done": None}, "done")])
def test_a_required_field_needs_a_value_however_it_is_left_empty(given, name):
    values = {"name": "x", "place": {"city": "Huế"}, "price": 5, "tags": ["a"], "done": True}
    values.pop(name)
    with pytest.raises(Invalid) as caught:
        service.create(LAN, "sites", values | given)
    assert name in caught.value.errors


@pytest.mark.parametrize(("given", "name"), [({"place": None}, "place"), ({"place.city": None}, "place"), ({"price": ""}, "price"),
                                             ({"tags": []}, "tags"), ({"name": None}, "name")])
def test_what_is_required_cannot_be_emptied(given, name):
    site = a_site()

    with pytest.raises(Invalid) as caught:
        service.update(LAN, "sites", site.id, given, seen_version=1)
    assert name in caught.value.errors and service.read(LAN, "sites", site.id).version == 1


def test_a_part_of_a_required_field_may_be_emptied_while_another_stays():
    site = a_site(place={"city": "Huế", "street": "1 Lê Lợi"})

    assert service.update(LAN, "sites", site.id, {"place.street": None}, seen_version=1).version == 2
