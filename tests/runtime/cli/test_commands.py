"""The command line: what people read and what machines read, and how it refuses."""
import io
import json

import pytest
import sqlalchemy as sa

from runtime.cli import main
from runtime.db.transaction import transaction
from runtime.records import service
from runtime.values import HOUSE

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def crm(capsys):
    """crm("doctor", ...) -> (status, the answer as JSON)."""
    def call(*arguments):
        capsys.readouterr()
        status = main([*arguments, "--json"])
        return status, json.loads(capsys.readouterr().out)
    return call


def test_kinds_lists_each_with_its_file(crm):
    status, told = crm("kinds", "checks")

    assert status == 0
    database, = (each for each in told["kinds"] if each["name"] == "database")
    assert database["family"] == "checks" and database["file"].endswith("runtime/cli/checks/database.py")


def test_a_new_user_gets_a_password_from_standard_input_and_an_api_key(crm, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a long and winding passphrase\n"))
    status, told = crm("user", "add", "lan", "--role", "Admin", "--password-stdin")
    assert (status, told["name"]) == (0, "lan")

    status, told = crm("token", "lan")

    assert status == 0
    assert len(told["token"]) > 20


def test_a_refusal_is_one_sentence_and_status_one(crm, capsys):
    status, told = crm("token", "nobody")
    assert (status, told["error"]) == (1, "not_found")

    assert main(["token", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said_so(crm, tmp_path):
    status, told = crm("publish", str(tmp_path / "nowhere"), "--dry-run")

    assert status == 1
    assert "There is no folder" in told["message"]


def test_doctor_says_how_things_are_and_its_status_says_whether_all_is_well(crm):
    status, told = crm("doctor")

    assert set(told["checks"]) >= {"database", "redis", "deliveries"}
    assert told["checks"]["redis"]["ok"] and told["checks"]["deliveries"]["ok"]
    assert told["checks"]["database"]["revision"]
    assert (status == 0) == all(check["ok"] for check in told["checks"].values())


def test_an_unsound_bundle_is_refused_with_every_problem(crm, tmp_path):
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "select.json").write_text(json.dumps({"id": "x", "name": "select"}))

    status, told = crm("check", str(tmp_path))

    assert status == 1
    assert told["problems"][str(tmp_path)]


def test_without_a_command_it_explains_itself(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])

    said = capsys.readouterr().out
    assert "doctor" in said and "publish" in said


def test_published_definitions_can_be_taken_out_and_put_back_unchanged(crm, tmp_path):
    status, told = crm("seed", "sales", "--no-samples")
    assert status == 0, told

    status, told = crm("export", "--definitions", str(tmp_path / "out"))
    assert status == 0 and "modules/deals.json" in told["changed"]

    status, told = crm("publish", str(tmp_path / "out"), "--dry-run")
    assert (status, told["plan"]) == (0, [])


def test_a_modules_records_are_written_as_a_file(crm, tmp_path):
    status, told = crm("export", "deals", "--out", str(tmp_path / "deals.csv"))

    assert (status, told["rows"]) == (0, 0)
    assert (tmp_path / "deals.csv").read_text(encoding="utf-8-sig").startswith("Deal name,")

    status, told = crm("export", "deals", "--format", "stone")
    assert (status, told["error"]) == (1, "unknown_kind")


def test_a_package_is_built_checked_installed_listed_and_uninstalled(crm, tmp_path):
    seed = tmp_path / "estate"
    (seed / "modules").mkdir(parents=True)
    (seed / "seed.json").write_text('{"id": "seed_estate", "name": "estate", "label": "Estate", "version": "1.2.0"}')
    (seed / "modules" / "homes.json").write_text(json.dumps({
        "id": "mod_home", "name": "homes", "label": "Home", "plural": "Homes", "name_field": "name",
        "fields": [{"id": "fld_home_name", "name": "name", "label": "Name", "type": "text"}]}))
    file = tmp_path / "estate.zip"

    status, built = crm("package", "build", str(seed), "--to", str(file))
    assert (status, built["package"], built["package_version"], built["files"]) == (0, "estate", "1.2.0", 2)
    status, told = crm("package", "check", str(file))
    assert (status, told["act"], told["version"]) == (0, "install", None)
    assert crm("package", "upgrade", str(file))[0] == 1, "it is not installed"
    assert crm("package", "install", str(file), "--dry-run")[1]["version"] is None
    status, told = crm("package", "install", str(file))
    assert status == 0 and told["version"]
    assert ("estate", "1.2.0") in [(each["name"], each["version"]) for each in crm("package", "list")[1]["packages"]]
    assert crm("package", "uninstall", "estate")[1]["version"] == told["version"] + 1
    file.write_bytes(file.read_bytes()[:-30])
    status, told = crm("package", "check", str(file))
    assert (status, told["error"]) == (1, "invalid") and "cut off" in told["message"]


def test_a_package_whose_tests_are_red_is_not_built_without_a_reason(crm, tmp_path):
    seed, file = tmp_path / "huts", tmp_path / "huts.zip"
    for folder, name, content in (
            ("", "seed", {"id": "seed_huts", "name": "huts", "label": "Huts", "version": "1.0.0"}),
            ("modules", "huts", {"id": "mod_hut", "name": "huts", "label": "Hut", "plural": "Huts", "name_field": "name",
                                 "fields": [{"id": "fld_hut_name", "name": "name", "label": "Name", "type": "text"}]}),
            ("scenarios", "named", {"id": "scn_named", "name": "named", "label": "Huts have names", "then": [{"expect": "refused"}],
                                    "when": [{"step": "create", "settings": {"module": "huts", "values": {"name": None}}}]})):
        (seed / folder).mkdir(parents=True, exist_ok=True)
        (seed / folder / f"{name}.json").write_text(json.dumps(content))

    status, told = crm("scenarios", str(seed))
    assert (status, told["scenarios"][0]["step"]) == (1, "then.0")
    status, told = crm("package", "build", str(seed), "--to", str(file))
    assert (status, told["error"]) == (1, "red")
    assert not file.exists()

    assert crm("package", "build", str(seed), "--to", str(file), "--override", "Names come later.")[0] == 0
    assert crm("package", "check", str(file))[1]["red"]
    assert crm("package", "install", str(file))[0] == 1
    assert crm("package", "install", str(file), "--override", "Names come later.")[1]["version"]
    assert [each["passed"] for each in crm("scenarios", "--only", "named")[1]["scenarios"]] == [False]
    crm("package", "uninstall", "huts")


def test_what_a_package_asks_for_is_counted_and_the_way_to_agree_is_said(crm, tmp_path):
    folder = tmp_path / "desk"
    (folder / "roles").mkdir(parents=True)
    (folder / "seed.json").write_text(json.dumps({"id": "sed_desk", "name": "desk", "label": "Desk", "version": "1.0.0"}))
    (folder / "roles" / "clerk.json").write_text(json.dumps(
        {"id": "role_clerk", "name": "clerk", "label": "Clerk", "modules": {"*": {"read": "all"}}}))

    status, told = crm("package", "install", str(folder))

    assert status == 1
    assert "asks for 1 thing" in told["message"] and "--agree all" in told["message"]
    assert crm("package", "install", str(folder), "--agree", "all")[1]["version"]


def test_the_history_is_verified_and_a_change_of_it_ends_with_status_one(crm, capsys):
    service.create(HOUSE, "deals", {"name": "Sealed"})
    status, told = crm("verify-audit", "--seal")
    assert status == 0 and told["rows"] and told["waiting"] == 0 and told["head"].startswith("1:")
    assert crm("verify-audit", "--since", told["head"])[0] == 0
    assert crm("doctor")[1]["checks"]["audit"]["ok"]
    assert main(["verify-audit"]) == 0 and " in 1 seal, unbroken since" in capsys.readouterr().out

    with transaction() as tx:
        tx.execute(sa.text("SET LOCAL session_replication_role = replica"))
        tx.execute(sa.text("UPDATE house.history SET actor_id = 7 WHERE id = (SELECT max(id) FROM house.history)"))

    status, told = crm("verify-audit")
    assert status == 1 and [each["what"] for each in told["differences"]] == ["changed"]
    assert main(["verify-audit"]) == 1 and "was changed after seal 1." in capsys.readouterr().out
