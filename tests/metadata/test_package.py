"""Packages as files: the same content is the same bytes, and what is hostile is refused at once, with the file and the reason."""
import io
import json
import stat
import struct
import time
import zipfile
from pathlib import Path

import pytest

from metadata import package, versions
from metadata.errors import NotSound
from metadata.model.seed import Seed
from metadata.package import Package

SEEDS = sorted(folder.parent for folder in Path("seeds").glob("*/seed.json"))
SEED = {"id": "seed_x", "name": "x", "label": "X"}
DEALS = {"id": "mod_deal", "name": "deals", "label": "Deal", "plural": "Deals", "name_field": "name",
         "fields": [{"id": "fld_deal_name", "name": "name", "label": "Name", "type": "text"}]}


@pytest.mark.parametrize("folder", SEEDS, ids=lambda folder: folder.name)
def test_every_seed_comes_back_byte_for_byte(folder, tmp_path):
    packed = package.pack(package.of_folder(folder))

    read = package.read(packed)
    package.unpack(read, tmp_path / folder.name)

    assert package.pack(read) == packed == package.pack(package.of_folder(tmp_path / folder.name))
    for name in read.members:
        assert (tmp_path / folder.name / name).read_bytes() == (folder / name).read_bytes(), name
    assert {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()} == set(read.members)


def test_a_squeezed_package_with_times_and_folders_is_packed_the_same():
    plain = zipped({"seed.json": SEED, "modules/deals.json": DEALS})
    squeezed = io.BytesIO()
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("modules/", b"")
        archive.writestr("modules/deals.json", json.dumps(DEALS, indent=4))
        archive.writestr("seed.json", json.dumps(SEED))

    assert package.pack(package.read(squeezed.getvalue())) == package.pack(package.read(plain))


def zipped(members, **properties):
    """members: {name: JSON, text or bytes}."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (members.items() if isinstance(members, dict) else members):
            member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in properties.get(name, {}).items():
                setattr(member, attribute, value)
            archive.writestr(member, content if isinstance(content, (str, bytes)) else json.dumps(content))
    return written.getvalue()


def with_seed(name, content, *, stored=False, **properties):
    properties |= {"compress_type": zipfile.ZIP_STORED} if stored else {}
    return zipped({"seed.json": SEED, name: content}, **({name: properties} if properties else {}))


def cut(content, at):
    return content[:int(len(content) * at)]


def lying(content):
    """Says it unpacks to ten bytes."""
    at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    return content[:at + 24] + struct.pack("<L", 10) + content[at + 28:]


def _many(count):
    return zipped([("seed.json", json.dumps(SEED)), *((f"views/deals.v{number}.json", "{}") for number in range(count))])


def _twice():
    with pytest.warns(UserWarning):
        return zipped([("seed.json", json.dumps(SEED)), ("modules/deals.json", "{}"), ("modules/deals.json", "{}")])


HOSTILE = {
    "up and out": (lambda: with_seed("../../etc/cron.d/x.json", "{}"), "leads out"),
    "inside, up and out": (lambda: with_seed("modules/../../x.json", "{}"), "leads out"),
    "absolute": (lambda: with_seed("/etc/passwd", "x"), "leads out"),
    "a drive": (lambda: with_seed("C:/x.json", "{}"), "leads out"),
    "backslashes": (lambda: with_seed("modules\\..\\x.json", "{}"), "leads out"),
    "a link": (lambda: with_seed("modules/deals.json", "/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16), "link"),
    "a device": (lambda: with_seed("modules/deals.json", "", external_attr=(stat.S_IFCHR | 0o777) << 16), "device"),
    "a bomb": (lambda: with_seed("records/deals.csv", b"0" * 40_000_000), "times its size"),
    "a lying bomb": (lambda: lying(with_seed("records/deals.csv", b"0" * 40_000_000)), "damaged"),
    "too many": (lambda: _many(2_001), "at most 2,000"),
    "a great many": (lambda: _many(70_000), "package"),
    "too large": (lambda: b"PK\x03\x04" + bytes(package.MOST_PACKED), "at most"),
    "a package in a package": (lambda: with_seed("records/deals.csv", zipped({"seed.json": SEED})), "archive"),
    "a nested zip": (lambda: with_seed("modules/deals.zip", b"PK"), "do not belong"),
    "python": (lambda: with_seed("modules/deals.py", "import os"), "do not belong"),
    "an unknown noun": (lambda: with_seed("users/admin.json", "{}"), "no noun 'users'"),
    "a deep folder": (lambda: with_seed("modules/a/b.json", "{}"), "do not belong"),
    "$ref": (lambda: with_seed("modules/deals.json", {**DEALS, "fields": [{"$ref": "http://evil.example/x"}]}), "ref"),
    "nested too deeply": (lambda: with_seed("modules/deals.json", "[" * 100_000 + "]" * 100_000, stored=True), "nested too deeply"),
    "a property twice": (lambda: with_seed("modules/deals.json", '{"id": "mod_a", "id": "mod_b"}'), "stands twice"),
    "a long number": (lambda: with_seed("modules/deals.json", '{"position": ' + "9" * 100_000 + "}", stored=True), "too long"),
    "not a number": (lambda: with_seed("modules/deals.json", '{"position": NaN}'), "NaN"),
    "no JSON": (lambda: with_seed("modules/deals.json", "{"), "not JSON"),
    "not text": (lambda: with_seed("modules/deals.json", b"\xff\xfe\xff"), "UTF-8"),
    "another name": (lambda: with_seed("modules/deals.json", {**DEALS, "name": "others"}), "Name the file"),
    "one name twice": (_twice, "twice"),
    "one name in two cases": (lambda: zipped({"seed.json": SEED, "records/a.csv": "x", "records/A.csv": "x"}), "twice"),
    "a theme that fetches": (lambda: with_seed("themes/night.json", {
        "id": "thm_night", "name": "night", "label": "Night", "light": {"brand": "red;background:url(//bad.example)"}}), "brand"),
    "a theme that breaks out": (lambda: with_seed("themes/night.json", {
        "id": "thm_night", "name": "night", "label": "Night", "light": {"</style><script>": "#000000"}}), "not known"),
    "a test without end": (lambda: with_seed("scenarios/long.json", {
        "id": "scn_long", "name": "long", "label": "Long", "given": [{"name": f"n{at}", "module": "deals"} for at in range(5_000)],
        "then": [{"expect": "value"}]}), "at most 30"),
    "a rule nested without end": (lambda: with_seed(
        "layout_rules/deals.deep.json", '{"when": ' + '{"not": ' * 50_000 + "{}" + "}" * 50_001, stored=True), "nested too deeply"),
    "one id twice": (lambda: zipped({"seed.json": SEED, "modules/deals.json": DEALS,
                                     "modules/leads.json": {**DEALS, "id": "mod_lead", "name": "leads"}}), "used twice"),
    "needs itself": (lambda: zipped({"seed.json": {**SEED, "extends": ["x"]}}), "needs itself"),
    "no manifest": (lambda: zipped({"modules/deals.json": DEALS}), "missing"),
    "a manifest that says more": (lambda: zipped({"seed.json": {**SEED, "grant": "Admin"}}), "grant"),
    "cut at the end": (lambda: with_seed("modules/deals.json", DEALS)[:-1], "cut off"),
    "cut in the middle": (lambda: cut(with_seed("modules/deals.json", DEALS), 0.5), "cut off"),
    "nothing": (lambda: b"", "no zip"),
    "something else": (lambda: b"hello", "no zip"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packages_are_refused_with_the_file_and_the_reason(name):
    make, reason = HOSTILE[name]
    content = make()
    began = time.monotonic()

    with pytest.raises(NotSound, match=reason) as refused:
        package.read(content)

    assert time.monotonic() - began < 5
    assert refused.value.problems[0].path


def test_a_package_damaged_anywhere_is_refused_or_read_the_same():
    sound = zipped({"seed.json": SEED, "modules/deals.json": DEALS})
    for place in range(0, len(sound)):
        try:
            read = package.read(sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1:])
        except NotSound:
            continue
        assert read.definitions == package.read(sound).definitions, place


def seed(name, version="1.0.0", **needs):
    return Seed(id=f"seed_{name}", name=name, label=name.title(), version=version,
                requires=tuple({"name": other, "range": wanted} for other, wanted in needs.items()))


@pytest.mark.parametrize(("own", "installed", "reason"), [
    (seed("estate", sales="^1.2"), [], "first"),
    (seed("estate", sales="^1.2"), [seed("sales", "2.0.0")], "installed is 2.0.0"),
    (seed("sales", "1.0.0"), [seed("sales", "1.1.0")], "older than the installed"),
    (seed("sales", "2.0.0"), [seed("sales", "1.1.0"), seed("estate", sales="^1.0")], "'estate' needs 'sales'"),
    (seed("a", b="*"), [seed("b", c="*"), seed("c", a="*")], "a → b → c → a"),
])
def test_versions_that_do_not_fit_are_said(own, installed, reason):
    problems = package.check_versions(Package(own, None), {each.name: each for each in installed})

    assert reason in problems[-1].message


@pytest.mark.parametrize(("version", "wanted", "holds"), [
    ("1.2.3", "^1.2", True), ("2.0.0", "^1.2", False), ("0.3.0", "^0.2", False), ("1.2.9", "~1.2.3", True),
    ("1.3.0", "~1.2.3", False),
    ("1.2.3", ">=1.0.0 <3", True), ("3.0.0", ">=1.0.0 <3", False), ("1.2.3", "1.2", True), ("1.3.0", "1.2", False),
    ("9.0.0", "*", True), ("1.0.0", "=1.0.0", True)])
def test_ranges(version, wanted, holds):
    assert versions.fits(version, wanted) is holds
