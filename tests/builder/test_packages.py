"""Packages in the browser and by program: a file, its plan, agreement to each ask, upgrade with a choice, uninstall, build."""
import io
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata import package
from metadata.definitions import Definitions
from metadata.model.role import Role
from metadata.model.scenario import Scenario
from metadata.model.seed import Seed
from metadata.model.translation import Translation
from metadata.package import Package
from runtime import publish, worker
from runtime.app import create_app
from runtime.db.transaction import transaction
from runtime.exchange import package_jobs
from runtime.publish import packages
from runtime.security import users
from runtime.tables import published
from runtime.values import HOUSE
from tests import builders
from tests.runtime.web.conftest import KEY, signed_in

HOMES = builders.a_module("homes", builders.a_field("rooms", "integer", of="homes"))


@pytest.fixture(scope="module")
def app(database):
    import builder  # here: the room above the runtime, as wsgi.py brings it

    builders.publish_all(builders.a_module("deals"), builders.a_role("rep"))
    users.sync_roles()
    worker.prepare()
    users.create("boss", roles=("Admin",), password="boss password", full_name="Bo Boss")
    users.create("lan", roles=("rep",), password="lan password", full_name="Lan Nguyễn")
    return create_app({"SECRET_KEY": KEY}, rooms=(builder,))


@pytest.fixture
def boss(app):
    return signed_in(app, "boss")


def post(client, address, **data):
    return client.post(address, data=data | {"csrf_token": client.csrf})


def a_package(version="1.0.0", home=HOMES, *more):
    return Package(Seed(id="seed_estate", name="estate", label="Estate", version=version),
                   Definitions.of_documents([home, builders.a_view("homes", ("name",)), *more]),
                   {"homes.csv": b"name,rooms\nElm Street 12,4\n"})


def upload(client, given):
    content = given if isinstance(given, bytes) else package.pack(given)
    return post(client, "/builder/packages", file=(io.BytesIO(content), "estate.zip"))


def test_a_package_is_looked_at_installed_upgraded_and_taken_out(boss):
    role = builders.a_role("agent", homes={"read": "all"})
    sent = upload(boss, a_package("1.0.0", HOMES, role))
    assert sent.status_code == 303 and "homes" not in published.refresh().definitions.modules
    shown = boss.get(sent.location).text
    assert "Add module" in shown and "What it asks for" in shown and "read all" in shown
    assert post(boss, sent.location).status_code == 403, "nothing is agreed to"
    agreed = [each.key for each in packages.check(a_package("1.0.0", HOMES, role)).asks]
    done = post(boss, sent.location, agreed=agreed, samples="on")
    assert done.status_code == 303, done.text[done.text.find("id=\"work"):][:900]
    assert "Making tables" in boss.get(done.location).text
    worker.drain_all()
    assert "is installed" in boss.get(done.location).text
    assert "Elm Street 12" in boss.get("/m/homes").text
    assert "Nothing of it was changed here." in boss.get("/builder/packages").text

    live = published.refresh().definitions
    publish.publish(HOUSE, live.with_document(replace(live.modules["homes"], label="Dwelling")))
    listed = boss.get("/builder/packages").text
    assert "1 thing is otherwise here" in listed and "Dwelling" in listed
    sent = upload(boss, a_package("1.1.0", replace(HOMES, label="House"), role))
    shown = boss.get(sent.location).text
    assert "An upgrade from 1.0.0 to 1.1.0" in shown and "Take it from the package" in shown
    conflict, = packages.check(a_package("1.1.0", replace(HOMES, label="House"), role)).conflicts
    assert post(boss, sent.location, **{f"take:{conflict.key}": "theirs"}).status_code == 303
    worker.drain_all()
    assert published.refresh().definitions.modules["homes"].label == "House"

    assert "Remove module" in boss.get("/builder/packages/estate/uninstall").text
    assert post(boss, "/builder/packages/estate/uninstall").status_code == 303
    assert "homes" not in published.refresh().definitions.modules


def test_what_is_no_package_is_said_with_the_file_and_the_reason(boss):
    refused = upload(boss, b"PK\x03\x04 and nothing more")

    assert refused.status_code == 422 and "cut off" in refused.text


def test_a_package_is_built_from_what_is_live(boss):
    made = post(boss, "/builder/packages/build", label="My deals", version="2.0.0", modules="deals")

    assert made.headers["Content-Disposition"] == 'attachment; filename="my_deals-2.0.0.zip"'
    read = package.read(made.data)
    assert "modules/deals" in read.definitions.documents and package.pack(read) == made.data
    assert post(boss, "/builder/packages/build", label="", modules="deals").status_code == 422


def test_programs_do_the_same(app):
    client = app.test_client()
    headers = {"Authorization": f"Bearer {users.token('boss', 'packages')}"}
    content = package.pack(a_package())

    checked = client.post("/api/v1/metadata/packages/check", data=content, headers=headers).json
    assert checked["ok"] and checked["act"] == "install" and checked["version"] is None
    made = client.post("/api/v1/metadata/packages/install", data=content, headers=headers).json
    assert made["version"]
    listed = client.get("/api/v1/metadata/packages", headers=headers).json["packages"]
    assert [each["name"] for each in listed] == ["estate"] and listed[0]["changed_here"] == []
    older = package.pack(a_package("0.9.0"))
    assert client.post("/api/v1/metadata/packages/upgrade", data=older, headers=headers).status_code == 422
    assert client.delete("/api/v1/metadata/packages/estate?dry_run=1", headers=headers).json["plan"]
    assert client.delete("/api/v1/metadata/packages/estate", headers=headers).json["version"]
    assert client.post("/api/v1/metadata/packages/check", data=b"hello", headers=headers).status_code == 422


def test_only_builders_come_in(app):
    lan = signed_in(app, "lan")

    assert lan.get("/builder/packages").status_code == 403
    assert upload(lan, a_package()).status_code == 403
    assert post(lan, "/builder/packages/estate/uninstall").status_code == 403


def test_a_package_whose_tests_are_red_is_installed_only_for_a_reason(boss):
    red = Scenario(id="scn_room", name="room", label="Homes have rooms",
                   when=({"step": "create", "settings": {"module": "huts", "values": {"name": "Hut"}}},),
                   then=({"expect": "refused"},))
    huts = builders.a_module("huts", builders.a_field("rooms", "integer", of="huts"))
    given = Package(Seed(id="seed_huts", name="huts", label="Huts", version="1.0.0"), Definitions.of_documents([huts, red]))
    sent = upload(boss, given)
    assert "Homes have rooms" in boss.get(f"{sent.location}/tests").text

    refused = post(boss, sent.location)
    worker.drain_all()
    told = boss.get(refused.location).text
    assert "Nothing was installed." in told and "Homes have rooms" in told
    assert "huts" not in published.refresh().definitions.modules
    done = post(boss, sent.location, override="Rooms come later.")
    worker.drain_all()

    assert done.status_code == 303 and "huts" in published.refresh().definitions.modules
    packages.uninstall(HOUSE, "huts")


def test_a_package_built_here_brings_the_tests_of_its_modules(boss):
    tested = Scenario(id="scn_named", name="named", label="Sheds have names",
                      when=({"step": "create", "settings": {"module": "sheds", "values": {}}},), then=({"expect": "refused"},))
    publish.publish(HOUSE, published.refresh().definitions.with_document(builders.a_module("sheds")).with_document(tested))

    built = post(boss, "/builder/packages/build", label="Sheds", version="1.0.0", modules="sheds")

    assert built.mimetype == "application/zip", built.text
    assert package.read(built.data).definitions.documents["scenarios/named"] == tested


def test_what_comes_with_the_product_is_offered_and_shows_its_plan_first(boss):
    page = boss.get("/builder/packages").text
    assert "Comes with Banyan" in page and "Real estate" in page and "Viewings" in page
    told = post(boss, "/builder/packages/shipped/real_estate")
    assert told.status_code == 303 and told.location.startswith("/builder/packages/file/")
    assert boss.get(told.location).status_code == 200
    assert post(boss, "/builder/packages/shipped/..").status_code == 404


def test_a_package_built_here_leans_on_the_one_it_links_to_and_brings_what_was_added_there(boss):
    """A house with the estate package adds viewings of homes, and how many each home had."""
    packages.install(HOUSE, package.pack(a_package()), agreed=None)
    before = published.refresh().definitions
    homes = before.modules["homes"]
    visits = builders.a_module("visits", builders.a_field("home", "lookup", of="visits", settings={"module": "homes"}))
    counted = builders.a_field("visits", "rollup", of="homes", settings={"module": "visits", "field": "home", "measure": "count"})
    publish.publish(HOUSE, before.with_document(replace(homes, fields=(*homes.fields, counted, builders.a_field(
        "note", of="homes")))).with_document(visits).with_document(builders.a_view("visits", ("name", "home.rooms"))))
    published.refresh()

    built = package.read(post(boss, "/builder/packages/build", label="Visits", version="1.0.0", modules="visits").data)
    assert built.requires == {"estate": "^1.0.0"}
    assert set(built.definitions.documents) == {"modules/visits", "modules/homes", "views/visits.all"}
    assert [field.name for field in built.definitions.documents["modules/homes"].fields] == ["visits"]

    publish.publish(HOUSE, before)
    done = packages.install(HOUSE, package.pack(built), agreed=None)
    there = published.refresh().definitions
    assert done.version and "visits" in there.modules["homes"].by_name and "note" not in there.modules["homes"].by_name
    packages.uninstall(HOUSE, "visits")
    assert published.refresh().definitions == before
    packages.uninstall(HOUSE, "estate")


def test_what_was_added_here_to_somebody_elses_module_is_a_package_of_its_own(boss):
    """A house with the estate package adds fields, a section, a view and words to homes, and ships just these."""
    layout = builders.a_layout("homes", sections=({"name": "main", "label": "Main", "columns": 2, "fields": ["name", "rooms"]},
                                                  {"name": "end", "label": "End", "columns": 2, "fields": ["owner"]}))
    packages.install(HOUSE, package.pack(a_package("1.0.0", HOMES, layout)), agreed=None)
    before = published.refresh().definitions
    assert "Nothing was added here" in post(boss, "/builder/packages/build", label="More", modules="homes", added="1").text

    homes = before.modules["homes"]
    grown = replace(homes, search_fields=(*homes.search_fields, "note"), fields=(
        *homes.fields, builders.a_field("note", of="homes"), builders.a_field("floor", "integer", of="homes")))
    here = replace(before.documents[layout.path], sections=(
        {"name": "main", "label": "Main", "columns": 2, "fields": ["name", "rooms", "floor"]},
        {"name": "notes", "label": "Notes", "columns": 1, "fields": ["note"]}, layout.sections[1]))
    words = Translation(id="tr_vi", name="vi", labels={"modules.homes.label": "Nhà", "modules.homes.fields.note.label": "Ghi chú",
                                                       "views.homes.noted.label": "Có ghi chú"})
    publish.publish(HOUSE, before.with_document(grown).with_document(here).with_document(words).with_document(
        builders.a_view("homes", ("name", "note"), name="noted")))
    published.refresh()
    answer = post(boss, "/builder/packages/build", label="More of homes", version="1.0.0", modules="homes", added="1", samples="1")
    built = package.read(answer.data)

    assert built.requires == {"estate": "^1.0.0"} and not built.samples
    documents = built.definitions.documents
    assert set(documents) == {"modules/homes", "layouts/homes.standard", "views/homes.noted", "translations/vi"}
    assert [field.name for field in documents["modules/homes"].fields] == ["note", "floor"]
    assert [(each["name"], each["fields"]) for each in documents["layouts/homes.standard"].sections] == [
        ("notes", ["note"]), ("more_of_homes", ["floor"])]
    assert set(documents["translations/vi"].labels) == {"modules.homes.fields.note.label", "views.homes.noted.label"}

    publish.publish(HOUSE, before)
    packages.install(HOUSE, package.pack(built), agreed=None)
    there = published.refresh().definitions
    assert [each["name"] for each in there.documents[layout.path].sections] == ["main", "notes", "more_of_homes", "end"]
    assert "note" in there.modules["homes"].search_fields
    packages.uninstall(HOUSE, "more_of_homes")
    assert published.refresh().definitions == before
    packages.uninstall(HOUSE, "estate")


def test_what_a_package_asks_for_is_agreed_to_in_groups_each_with_its_list(boss):
    roles = [builders.a_role(name, barns={"read": "all", "edit": "own"}) for name in ("keeper", "guest")]
    barns = builders.a_module("barns")
    given = Package(Seed(id="seed_barns", name="barns", label="Barns", version="1.0.0"), Definitions.of_documents([barns, *roles]),
                    {"barns.csv": b"name\nRed barn\n"})
    sent = upload(boss, given)

    page = boss.get(sent.location).text
    groups = re.findall(r'name="agreed" value="([^"]+)"[^>]* data-needed', page)
    everything, = re.findall(r'name="agreed" value="([^"]+)" data-agree-all', page)
    asked = {each.key for each in packages.check(given).asks}
    assert len(groups) == 2 and set(everything.split()) == asked == {key for each in groups for key in each.split()}
    assert page.index("read all") < page.index("I agree to all"), "the lists come first"

    left = post(boss, sent.location, agreed=groups[:1])
    assert left.status_code == 403 and left.text.count("data-needed checked") == 1
    done = post(boss, sent.location, agreed=everything, samples="on")
    number = int(done.location.rpartition("/")[2])
    worker.drain_all()
    version = published.refresh().number
    with transaction() as tx:       # killed before it noted that it was done: delivered again
        tx.execute(sa.text("UPDATE house.package_job SET state = 'running' WHERE id = :id"), {"id": number})
    package_jobs.run(number)

    assert package_jobs.get(number).state == "done" and published.refresh().number == version
    assert boss.get("/m/barns").text.count("Red barn</") == 1
    packages.uninstall(HOUSE, "barns")


def test_records_leave_the_house_in_a_package_only_with_who_may_export_them(app):
    kept = {"read": "all", "create": True, "edit": "all"}
    builders_role = Role(id="role_maker", name="maker", label="Maker", builder=True, modules={"*": kept})
    publish.publish(HOUSE, published.refresh().definitions.with_document(builders_role))
    published.refresh()
    users.sync_roles()
    users.create("mai", roles=("maker",), password="mai password", full_name="Mai")
    mai = signed_in(app, "mai")
    asked = {"modules": "deals", "label": "Mine", "name": "mine", "version": "1.0.0"}

    assert post(mai, "/builder/packages/build", **asked, samples="on").status_code == 403
    assert post(mai, "/builder/packages/build", **asked).status_code == 200
