"""Packages installed, upgraded and taken out: what was changed here is never lost, and nothing is granted by itself."""
from dataclasses import replace

import pytest
import sqlalchemy as sa

from metadata import bundle, package, store
from metadata.definitions import Definitions
from metadata.model.button import Button
from metadata.model.extension import Extension
from metadata.model.scenario import Scenario
from metadata.model.seed import Seed
from metadata.model.translation import Translation
from metadata.model.validation_rule import ValidationRule
from metadata.package import Package
from runtime import publish
from runtime.db.transaction import reading, transaction
from runtime.errors import Invalid, NotFound, Red, Refused
from runtime.publish import jobs, packages
from runtime.tables import published
from runtime.values import HOUSE, Actor
from tests.builders import a_field, a_layout, a_module, a_role, a_view


@pytest.fixture
def empty(database):
    """Every test begins with an empty house."""
    publish.publish(HOUSE, Definitions())
    with transaction() as tx:
        tx.execute(sa.text("DELETE FROM house.metadata_seed"))


pytestmark = pytest.mark.usefixtures("empty")


def seed(name="estate", version="1.0.0", **properties):
    return Seed(id=f"seed_{name}", name=name, label=name.title(), version=version, **properties)


def estate(version="1.0.0", *documents, **properties):
    return Package(seed(version=version, **properties), Definitions.of_documents(documents or parts()))


def parts(*fields):
    homes = a_module("homes", a_field("price", "currency", of="homes"), a_field("rooms", "integer", of="homes"), *fields)
    return (homes, a_layout("homes", sections=({"name": "main", "label": "Main", "fields": ["name", "price", "rooms"]},)),
            a_view("homes", ("name", "price")), Translation(id="tra_estate_vi", name="vi", labels={"modules.homes.label": "Nhà"}))


def live():
    return published.refresh().definitions


def change(**changes):
    """Somebody here changes the module."""
    publish.publish(HOUSE, live().with_document(replace(live().modules["homes"], **changes)))


def installed_version():
    with reading() as connection:
        found = store.installed(connection).get("estate")
        return found.manifest.version if found else None


def test_installing_twice_changes_nothing():
    planned = packages.check(package.pack(estate()))
    assert planned.act == "install" and "module 'Homes'" in planned.sentences[0] and live() == Definitions()

    first = packages.install(HOUSE, package.pack(estate()))
    again = packages.install(HOUSE, package.pack(estate()))

    assert (again.version, again.sentences, again.act) == (first.version, [], "again")
    assert installed_version() == "1.0.0"


def test_a_dry_run_touches_nothing():
    made = packages.install(HOUSE, package.pack(estate()), dry_run=True)

    assert made.ok and made.sentences and made.version is None
    assert live() == Definitions() and installed_version() is None


def test_an_upgrade_keeps_what_was_changed_here_and_asks_about_what_both_changed():
    packages.install(HOUSE, estate())
    homes = live().modules["homes"]
    change(icon="star", fields=(*(replace(each, label="Bedrooms", help="Here") if each.name == "rooms" else each
                                      for each in homes.fields), a_field("own_note", of="homes")))
    new = parts(a_field("garden", "checkbox", of="homes"))
    new = (replace(new[0], label="House", fields=tuple(replace(each, label="Number of rooms") if each.name == "rooms" else each
                                                       for each in new[0].fields)), *new[1:])

    planned = packages.check(estate("1.1.0", *new))
    assert planned.act == "upgrade" and planned.before == "1.0.0"
    assert [(each.path, each.ours, each.theirs) for each in planned.conflicts] == [
        ("modules/homes", "Bedrooms", "Number of rooms")]
    packages.install(HOUSE, estate("1.1.0", *new))

    homes = live().modules["homes"]
    assert (homes.label, homes.icon) == ("House", "star")
    assert {each.name for each in homes.fields} == {"name", "price", "rooms", "own_note", "garden"}
    assert (homes.by_name["rooms"].label, homes.by_name["rooms"].help) == ("Bedrooms", "Here")
    own = packages.standing("estate").own
    assert {(each.path, each.place.rpartition(".")[2]) for each in own} == {
        ("modules/homes", "icon"), ("modules/homes", "label"), ("modules/homes", "help"), ("modules/homes", "fld_homes_own_note")}


def test_a_conflict_can_be_decided_for_the_package():
    packages.install(HOUSE, estate())
    change(label="Dwelling")
    new = (replace(parts()[0], label="House"), *parts()[1:])

    conflict, = packages.check(estate("1.1.0", *new)).conflicts
    packages.install(HOUSE, estate("1.1.0", *new), choices={conflict.key: "theirs"})

    assert live().modules["homes"].label == "House"


def test_an_older_version_is_refused():
    packages.install(HOUSE, estate("1.1.0"))

    with pytest.raises(Invalid, match="older than the installed"):
        packages.install(HOUSE, estate("1.0.0"))


def test_uninstalling_gives_back_the_definitions_to_the_byte():
    mine = [a_module("deals", a_field("amount", "currency", of="deals"), search_fields=("name",)), a_view("deals", ("name",)),
            Translation(id="tra_vi", name="vi", labels={"modules.deals.label": "Giao dịch"})]
    publish.publish(HOUSE, Definitions.of_documents(mine))
    before = {path: package.documents.canonical(each.to_json()) for path, each in live().documents.items()}
    adds = Extension(id="mod_deals", name="deals", extends=True, fields=(a_field("home", "lookup", of="deals",
                                                                                 settings={"module": "homes"}),))

    packages.install(HOUSE, estate("1.0.0", *parts(), adds))
    assert live().documents["translations/vi"].labels == {"modules.deals.label": "Giao dịch", "modules.homes.label": "Nhà"}
    assert "home" in live().modules["deals"].by_name
    planned = packages.uninstall(HOUSE, "estate", dry_run=True)
    assert planned.kept == () and "homes" in live().modules
    packages.uninstall(HOUSE, "estate")

    assert {path: package.documents.canonical(each.to_json()) for path, each in live().documents.items()} == before
    assert packages.listed() == []
    with pytest.raises(NotFound):
        packages.uninstall(HOUSE, "estate")
    assert packages.install(HOUSE, estate("1.0.0", *parts(), adds)).version and "homes" in live().modules


def test_uninstalling_keeps_what_was_changed_here_and_what_it_needs():
    packages.install(HOUSE, estate("1.0.0", *parts(), a_module("agents"), a_view("agents", ("name",)),
                                   a_view("homes", ("rooms",), "r")))
    publish.publish(HOUSE, live().with_document(replace(live().documents["views/homes.all"], label="Mine")))

    made = packages.uninstall(HOUSE, "estate")

    assert set(made.kept) == {"layouts/homes.standard", "modules/homes", "views/homes.all", "views/homes.r"}
    assert "agents" not in live().modules and live().documents["views/homes.all"].label == "Mine"


def test_roles_addresses_and_mail_are_asked_for_one_by_one():
    role = a_role("agent", homes={"read": "all", "edit": "own", "delete": "no"})
    button = Button(id="btn_homes_map", name="map", module="homes", label="Map",
                    actions=({"action": "open_link", "settings": {"address": "https://maps.example/?q={name}"}},))
    given = estate("1.0.0", *parts(), role, button)

    planned = packages.check(given)
    assert sorted({each.kind for each in planned.asks}) == ["address", "grant"]
    assert any("get, in Homes: edit own, read all" in each.sentence for each in planned.asks)
    assert any("https://maps.example" in each.sentence for each in planned.asks)
    with pytest.raises(Refused, match="Agree to what the package asks"):
        packages.install(HOUSE, given)
    with pytest.raises(Refused):
        packages.install(HOUSE, given, agreed=[planned.asks[0].key])
    packages.install(HOUSE, given, agreed=[each.key for each in planned.asks])
    assert packages.check(given).asks == ()


def test_what_is_here_already_is_never_taken_over():
    publish.publish(HOUSE, Definitions.of_documents([replace(a_role("rep"), id="role_ours")]))

    with pytest.raises(Invalid, match="does not come from this package"):
        packages.install(HOUSE, estate("1.0.0", *parts(), a_role("rep")), agreed=None)


def test_only_builders_install():
    with pytest.raises(Refused, match="may not publish"):
        packages.install(Actor(user_id=3, name="Lan"), estate())


def test_a_package_others_need_stays():
    packages.install(HOUSE, estate())
    more = Package(seed("more", requires=({"name": "estate", "range": "^1.0"},)), Definitions.of_documents([a_module("keys")]))
    packages.install(HOUSE, more)

    with pytest.raises(Invalid, match="'More' needs this package"):
        packages.uninstall(HOUSE, "estate")
    with pytest.raises(Invalid, match="'more' needs 'estate'"):
        packages.install(HOUSE, estate("2.0.0"))


def test_two_packages_share_a_translation():
    packages.install(HOUSE, estate())
    more = Package(seed("more"), Definitions.of_documents([
        a_module("keys"), Translation(id="tra_more_vi", name="vi", labels={"modules.keys.label": "Chìa khoá"})]))
    packages.install(HOUSE, more)
    change(label="Home")

    labels = live().documents["translations/vi"].labels
    assert labels == {"modules.homes.label": "Nhà", "modules.keys.label": "Chìa khoá"}
    assert packages.standing("more").own == ()
    packages.uninstall(HOUSE, "more")
    assert live().documents["translations/vi"].labels == {"modules.homes.label": "Nhà"}


def priced(message):
    """A home without a price is refused, with these words."""
    return Scenario(id="scn_priced", name="priced", label="Homes have a price",
                    when=({"step": "create", "settings": {"module": "homes", "values": {"name": "Villa"}}},),
                    then=({"expect": "refused", "settings": {"message": message}},))


PRICE = ValidationRule(id="rule_price", name="price", module="homes", message="Say the price.", field="price",
                       refuse_if={"field": "price", "operator": "empty"})


def test_a_red_test_keeps_a_package_out_until_somebody_says_why_not():
    given = estate("1.0.0", *parts(), priced("Say the price."))

    with pytest.raises(Red, match=r"Homes have a price.*though it should have been refused"):
        packages.install(HOUSE, given)
    assert packages.install(HOUSE, given, dry_run=True).red
    made = packages.install(HOUSE, given, override="Prices come later.")

    with reading() as connection:
        assert "Prices come later." in store.history(connection)[0].note
        assert connection.scalar(sa.text("SELECT count(*) FROM records.homes")) == 0
    assert made.version and packages.uninstall(HOUSE, "estate").version


def test_an_upgrade_that_breaks_a_test_is_refused_and_one_that_keeps_it_is_not():
    packages.install(HOUSE, estate("1.0.0", *parts(), priced("Say the price."), PRICE))

    with pytest.raises(Red):
        packages.install(HOUSE, estate("1.1.0", *parts(), priced("Say the price."), replace(PRICE, active=False)))
    assert packages.install(HOUSE, estate("1.1.0", *parts(), priced("price"), PRICE)).version


def test_a_draft_that_makes_a_test_red_is_not_published_without_a_reason():
    packages.install(HOUSE, estate("1.0.0", *parts(), priced("Say the price."), PRICE))
    broken = live().with_document(replace(PRICE, active=False))

    with pytest.raises(Red, match="Homes have a price"):
        publish.publish(HOUSE, broken)
    assert live().documents[PRICE.path].active
    publish.publish(HOUSE, live().with_document(a_view("homes", ("name",))))
    publish.publish(HOUSE, broken, override="The rule moves elsewhere.", note="Less strict.")

    with reading() as connection:
        assert store.history(connection)[0].note == "Less strict. Tests passed over (1): The rule moves elsewhere."
    assert not live().documents[PRICE.path].active


def test_a_long_publishing_does_not_begin_while_a_test_is_red():
    packages.install(HOUSE, estate("1.0.0", *parts(), priced("Say the price."), PRICE))

    with pytest.raises(Red):
        jobs.begin(HOUSE, live().with_document(replace(PRICE, active=False)), base=published.refresh().number)


def test_folders_share_a_translation_too(tmp_path):
    def folder(name, *labels):
        definitions = Definitions.of_documents([a_module(name), Translation(id=f"tra_{name}_vi", name="vi", labels={
            f"modules.{name}.{label}": label for label in labels})])
        bundle.write(definitions, tmp_path / name, seed(name))
        return tmp_path / name

    publish.install_seed(HOUSE, folder("homes", "label"))
    publish.install_seed(HOUSE, folder("keys", "label", "plural"))
    publish.install_seed(HOUSE, folder("keys", "label"))
    publish.install_seed(HOUSE, tmp_path / "homes")

    assert live().documents["translations/vi"].labels == {"modules.homes.label": "label", "modules.keys.label": "label"}


def test_the_standard_seed_goes_in_as_a_package_and_out_without_a_trace():
    sales = package.pack(package.of_folder("seeds/sales"))

    planned = packages.check(sales)
    assert planned.problems == () and {each.kind for each in planned.asks} >= {"grant"}
    made = packages.install(HOUSE, sales, agreed=None)
    assert packages.check(sales).sentences == [] and packages.standing("sales").own == ()
    assert packages.install(HOUSE, sales, agreed=None).version == made.version

    out = packages.uninstall(HOUSE, "sales")
    assert out.kept == () and live() == Definitions()
