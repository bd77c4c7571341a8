"""The builder's API, and the designer: who may edit layouts and views reaches nothing else, by page or by program."""
import json

import pytest

from metadata.model.nouns import nouns
from metadata.model.role import Role
from runtime.app import create_app
from runtime.security import store, users
from runtime.tables import published
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    designer = Role(id="role_designer", name="designer", label="Designer", designs=("layouts", "views"))
    builders.publish_all(builders.a_module("deals", builders.a_field("size", of="deals")),
                         builders.a_view("deals", ("name", "size")),
                         builders.a_layout("deals"), builders.a_role("rep"), designer)
    users.sync_roles()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("dan", roles=("designer",), password="dan password", full_name="Dan Designer")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture(scope="module")
def keys(app):
    return {name: users.token(name) for name in ("boss", "dan", "lan")}


@pytest.fixture
def ask(app, keys):
    def ask(who, verb, address, body=None):
        return app.test_client().open(f"/api/v1/metadata{address}", method=verb, headers={"Authorization": f"Bearer {keys[who]}"},
                                      data=None if body is None else json.dumps(body))
    yield ask
    for who in ("boss", "dan"):
        ask(who, "DELETE", "/drafts/-")


def view(**changed):
    return builders.a_view("deals", ("name",), **changed).to_json()


def test_a_draft_is_read_changed_checked_planned_and_published(ask):
    module = ask("boss", "GET", "/drafts/-").json["documents"]["modules/deals"]
    module["fields"].append(builders.a_field("area", "integer", of="deals").to_json())

    changed = ask("boss", "PATCH", "/drafts/-", {"documents": {"modules/deals": module}})
    assert changed.status_code == 200 and changed.json["changes"] == ["Add field 'Area' to Deal."]
    assert ask("boss", "POST", "/check", {"draft": "-"}).json["problems"] == []
    assert ask("boss", "POST", "/plan", {}).json["steps"][0]["work"] == "instant"
    done = ask("boss", "POST", "/publish", {"note": "By program"})
    assert done.status_code == 201 and "area" in published.refresh().definitions.modules["deals"].by_name
    assert ask("boss", "GET", "/drafts/-").json["changes"] == []

    number = done.json["number"]
    assert ask("boss", "GET", "/versions").json["versions"][0]["note"] == "By program"
    assert ask("boss", "GET", f"/versions/{number - 1}..{number}").json["changes"] == ["Add field 'Area' to Deal."]
    assert "modules/deals" in ask("boss", "GET", f"/versions/{number}").json["documents"]
    assert ask("boss", "POST", "/rollback", {"version": number - 1}).status_code == 201


def test_what_changes_is_told_in_the_words_of_whoever_asks(ask):
    store.save_profile(users.get("boss").id, {"language": "vi"})
    module = ask("boss", "GET", "/drafts/-").json["documents"]["modules/deals"]
    module["fields"].append(builders.a_field("width", "integer", of="deals").to_json())

    told = "Thêm trường 'Width' vào Deal."
    assert ask("boss", "PATCH", "/drafts/-", {"documents": {"modules/deals": module}}).json["changes"] == [told]
    assert ask("boss", "POST", "/plan", {}).json["changes"] == [told]
    store.save_profile(users.get("boss").id, {"language": "en"})


def test_wrong_documents_are_told_by_path(ask):
    wrong = ask("boss", "PATCH", "/drafts/-", {"documents": {"views/deals.all": view() | {"columns": 7}}})
    assert wrong.status_code == 422 and next(iter(wrong.json["errors"])).startswith("views/deals.all")
    assert ask("boss", "PATCH", "/drafts/-", {"documents": {"views/deals.other": view()}}).status_code == 422
    assert ask("boss", "PATCH", "/drafts/-", {"documents": []}).status_code == 400
    assert ask("boss", "GET", "/schemas/nothing").status_code == 404
    assert ask("boss", "GET", "/schemas/views").json["title"]


def test_who_publishes_second_gets_the_difference(ask):
    ask("boss", "PATCH", "/drafts/-", {"documents": {"views/deals.mine": view(name="mine")}})
    ask("dan", "PATCH", "/drafts/-", {"documents": {"views/deals.all": view(label="Everything", default=True)}})
    assert ask("dan", "POST", "/publish", {}).status_code == 201

    second = ask("boss", "POST", "/publish", {})
    assert second.status_code == 409 and "Everything" in second.json["changes"][0]
    assert ask("boss", "POST", "/drafts/-/rebase", {}).json["behind"] is False
    assert ask("boss", "POST", "/publish", {}).status_code == 201


def test_only_builders_come_in(app, ask):
    for verb, address in (("GET", "/drafts/-"), ("POST", "/publish"), ("GET", "/versions"), ("GET", "/schemas/views")):
        assert ask("lan", verb, address).status_code == 403
        assert app.test_client().open(f"/api/v1/metadata{address}", method=verb).status_code == 401


@pytest.mark.parametrize("folder", sorted(nouns()))
def test_a_designer_touches_only_layouts_and_views(ask, folder):
    """The matrix: every noun there is, changed, removed or published around the draft."""
    documents = ask("dan", "GET", "/drafts/-").json["documents"]
    there = [path for path in documents if path.startswith(f"{folder}/")]
    allowed = folder in ("layouts", "views")
    for path in there:
        changed = documents[path] | {"label": "Changed"}
        drafted = ask("dan", "PATCH", "/drafts/-", {"documents": {path: changed}})
        assert drafted.status_code == (200 if allowed else 403), path
        ask("dan", "DELETE", "/drafts/-")
        published_ = ask("dan", "POST", "/publish", {"documents": documents | {path: changed}, "confirm": [
            f"ChangeDocument.{changed['id']}"]})
        assert published_.status_code == (201 if allowed else 403), path


def test_a_designer_works_on_pages_too(app):
    dan = signed_in(app, "dan")
    assert dan.get("/builder").status_code == 200
    refused = dan.post("/builder/modules", data={"label": "Spy", "plural": "Spies", "csrf_token": dan.csrf})
    assert refused.status_code == 403 and dan.get("/builder/people").status_code == 403
    assert dan.post("/builder/preview", data={"role": "rep", "csrf_token": dan.csrf}).status_code == 403


# What the studio's buttons do

def test_a_step_of_a_draft_is_taken_back_and_done_again(ask):
    ask("boss", "PATCH", "/drafts/-", {"documents": {"views/deals.mine": None, "views/deals.odd": view(name="odd", label="Odd")}})
    back = ask("boss", "POST", "/drafts/-/undo").json
    assert back["step"] == "Changed through the API." and back["changes"] == [] and len(back["undone"]) == 1
    again = ask("boss", "POST", "/drafts/-/redo").json
    assert again["step"] and any("Odd" in each for each in again["changes"])
    assert ask("boss", "POST", "/drafts/-/redo").json["step"] is None


def test_a_branch_is_made_listed_taken_over_and_a_version_undone(ask):
    ask("boss", "PATCH", "/drafts/try", {"documents": {"views/deals.tried": view(name="tried", label="Tried")}})
    assert {each["name"] for each in ask("boss", "GET", "/drafts").json["drafts"]} >= {"-", "try"}
    ask("boss", "PATCH", "/drafts/-", {"documents": {"views/deals.tried": view(id="view_other", name="tried", label="Otherwise")}})
    asked = ask("boss", "POST", "/drafts/-/take", {"from": "try"})
    if asked.status_code == 409:
        asked = ask("boss", "POST", "/drafts/-/take", {"from": "try", "choices": {
            each["key"]: "theirs" for each in asked.json["conflicts"]}})
    assert asked.status_code == 200, asked.json
    ask("boss", "DELETE", "/drafts/-")
    assert ask("boss", "POST", "/drafts/-/take", {"from": "try"}).status_code == 200
    number = ask("boss", "POST", "/publish", {"draft": "-"}).json["number"]

    undone = ask("boss", "POST", f"/versions/{number}/undo", {}).json
    assert undone["left"] == 0 and undone["changes"] == ["Remove view 'Tried' of Deal."]
    assert ask("boss", "POST", "/versions/9999/undo", {}).status_code == 404
    assert ask("boss", "DELETE", "/drafts/try").status_code == 204


def test_what_is_not_there_is_not_published(ask):
    for verb, address, body in (("POST", "/publish", {"draft": "nothing"}), ("POST", "/plan", {"draft": "nothing"}),
                                ("POST", "/drafts/-/take", {"from": "nothing"}), ("POST", "/publishing/99/pause", {}),
                                ("GET", "/kinds/nothing", None)):
        assert ask("boss", verb, address, body).status_code == 404, address
    assert ask("boss", "POST", "/drafts/-/take", {"owner": "x"}).status_code == 400


def test_the_schemas_of_the_kinds_are_served(ask):
    assert {"field_types", "actions", "view_kinds"} <= set(ask("boss", "GET", "/kinds").json["families"])
    known = {each["name"]: each for each in ask("boss", "GET", "/kinds/field_types").json["kinds"]}
    assert known["picklist"]["settings_schema"]["required"] == ["choices"] and known["text"]["label"] == "Text"


def test_a_package_is_built_by_program(ask):
    made = ask("boss", "POST", "/packages/build", {"modules": ["deals"], "label": "Deals alone", "roles": True})
    assert made.status_code == 200 and made.mimetype == "application/zip" and made.data[:2] == b"PK"
    assert ask("boss", "POST", "/packages/build", {"label": "Nothing"}).status_code == 422
    assert ask("dan", "POST", "/packages/build", {"modules": ["deals"], "label": "x"}).status_code == 403


def test_a_number_that_no_version_has_and_a_list_that_is_none_are_said_so(app, ask):
    huge, boss = 10 ** 25, signed_in(app, "boss")
    assert ask("boss", "POST", "/rollback", {"version": huge}).status_code == 404
    assert ask("boss", "POST", "/rollback", {"version": -1}).status_code == 404
    for address in (f"/versions/{huge}", f"/publishing/{huge}", "/versions/999999999"):
        assert ask("boss", "GET", address).status_code == 404, address
    assert ask("boss", "POST", "/publish", {"confirm": 5}).status_code == 400
    for address in (f"/builder/versions/{huge}", f"/builder/versions/compare?from={huge}&to=1", f"/builder/review/progress/{huge}"):
        assert boss.get(address).status_code == 404, address
    for address in (f"/builder/versions/{huge}/undo", f"/builder/versions/{huge}/back", f"/builder/review/progress/{huge}/pause",
                    f"/builder/people/{huge}/disable"):
        assert boss.post(address, data={"csrf_token": boss.csrf}).status_code == 404, address
    for form in ({"owner": str(huge), "name": "x"}, {"owner": "²", "name": "x"}):
        assert boss.post("/builder/branches/take", data=form | {"csrf_token": boss.csrf}).status_code == 404
    assert boss.get(f"/builder/preview/x~{huge}/").status_code == 404 and boss.get(f"/builder/people/{huge}").status_code == 404
    assert ask("boss", "POST", "/drafts/-/take", {"from": "x", "owner": huge}).status_code == 404
