"""Hostile and broken files: each is refused or taken in words, with bounded memory, and leaves nothing behind."""
import resource
import zipfile

import pytest

from runtime.db.transaction import reading
from runtime.errors import Invalid, Refused
from runtime.exchange import reading as files
from runtime.exchange import service, store
from runtime.security import users
from tests.builders import a_role, emptied, publish_all
from tests.runtime.exchange.test_run import counted, rows

PARTS = {
    "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                           '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                           '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                   '<Relationship Id="r1" '
                   'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
                   'Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
                       'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
                       '<sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0"?><Relationships '
                                  'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
                                  'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
                                  'Target="worksheets/sheet1.xml"/></Relationships>'}


@pytest.fixture(autouse=True)
def empty_tables(crm):
    with reading() as connection:
        emptied(connection, "records.deals, records.accounts, house.history, house.import_run")


def a_bomb(path, megabytes):
    """A workbook whose one sheet is some hundred kilobytes packed and many megabytes unpacked."""
    piece = b'<c t="inlineStr"><is><t>' + b"x" * 1_000_000 + b"</t></is></c>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name, text in PARTS.items():
            book.writestr(name, text)
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            for number in range(1, megabytes // 10 + 1):
                sheet.write(b'<row r="%d">' % number + piece * 10 + b"</row>")
            sheet.write(b"</sheetData></worksheet>")
    return path


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_by_its_size(tmp_path):
    bomb = a_bomb(tmp_path / "bomb.xlsx", 1_100)
    assert bomb.stat().st_size < 12_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    with pytest.raises(Invalid, match="unpacks to more than 1 GB"):
        files.sheet(bomb)

    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_a_quote_that_is_never_closed_is_refused_and_not_taken_for_one_cell(lan, a_file):
    path = a_file('Name,Code\nA,1\nB,"2\n' + "".join(f"D{number},{number}\n" for number in range(50)))
    with open(path, "rb") as stream:
        found = service.upload(lan, "deals", stream, path.name)
    done = service.start(lan, found.id, here=True)
    assert done.created + done.refused == 2
    assert (done.created, [name for name, in rows("deals", "name")]) == (1, ["A"])


def test_a_refused_upload_leaves_no_file_behind(lan, a_file, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_HOME", str(tmp_path / "home"))    # a folder that no other test puts files into meanwhile
    for content in (b"", b"%PDF-1.7 renamed", b"PK\x03\x04 no workbook"):
        with open(a_file(content, "deals.csv"), "rb") as stream, pytest.raises(Invalid):
            service.upload(lan, "deals", stream, "deals.csv")
    assert list((tmp_path / "home").rglob("*")) == [tmp_path / "home" / "imports"]
    assert store.latest(None) == []


def test_html_and_formulas_are_kept_as_text_and_come_out_defused(boss, a_file):
    path = a_file('Name,Amount,Stage\n<script>alert(1)</script>,=1+1,<b>\n"=cmd|x",1,Proposal\n')
    report = service.import_file(boss, path, "deals")
    assert counted(report) == {"created": 1, "refused": 1}
    assert rows("deals", "name") == [("=cmd|x",)]
    with open(report["error_file"], encoding="utf-8-sig") as file:
        assert "'=1+1" in file.read()


def test_who_sees_only_their_own_records_meets_no_others_by_key_name_or_count(crm, boss, a_file):
    own = {"read": "own", "create": True, "edit": "own", "delete": "own", "import": True, "export": True, "give": False}
    publish_all(*crm.definitions.documents.values(), a_role("junior", deals=own, accounts=own))
    users.sync_roles()
    users.create("mai", roles=("junior",), password="mai password", full_name="Mai")
    mai = users.actor_for("mai", "cli")
    service.import_file(boss, a_file("Name,Number\nHidden,1\n"), "accounts")
    service.import_file(boss, a_file("Name,Amount\nTheirs,5\n"), "deals", match="name")

    by_link = service.import_file(mai, a_file("Name,Account\nMine,Hidden\nAlso,Nowhere\n"), "deals", match="name")
    by_key = service.import_file(mai, a_file("Name,Amount\nTheirs,9\n"), "deals", match="name")
    given = service.import_file(mai, a_file("Name,Owner\nGift,Boss\n"), "deals", match="")

    assert counted(by_link) == {"created": 2, "warned": 2}
    assert {reason["reason"].replace("Hidden", "?").replace("Nowhere", "?") for reason in by_link["reasons"]} == {
        "There is no “?” in Accounts."}
    assert counted(by_key) == {"created": 1}
    assert [amount for name, amount in rows("deals", "name", "amount") if name == "Theirs"] == [5, 9]
    assert counted(given) == {"created": 1}
    assert {owner for name, owner in rows("deals", "name", "owner") if name == "Gift"} == {mai.user_id}


def test_the_right_to_import_is_asked_again_when_the_import_starts(lan, crm, a_file):
    with open(a_file("Name\nA\n"), "rb") as stream:
        found = service.upload(lan, "deals", stream, "a.csv")
    users.set_roles("lan", ["reader"])
    try:
        with pytest.raises(Refused):
            service.start(users.actor_for("lan", "page"), found.id)
    finally:
        users.set_roles("lan", ["rep"])
    assert rows("deals", "name") == []
