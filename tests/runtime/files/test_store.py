"""Files are what they say, belong to who sent them, and leave the house without being run (safety D9, T51, T52, T58)."""

import io
import os
import struct
import zlib
from datetime import timedelta

import pytest
from PIL import Image

from runtime.db import clock
from runtime.db.transaction import transaction
from runtime.errors import NotFound
from runtime.files import store
from runtime.files.types import NotTaken, clean_name


@pytest.fixture(autouse=True)
def house(database, tmp_path, monkeypatch):
    monkeypatch.setattr(store.embedded, "home", lambda: tmp_path)


def picture(kind="JPEG", size=(40, 20), **more):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 10, 10)).save(out, kind, **more)
    return out.getvalue()


def keep(content, name):
    return store.keep(io.BytesIO(content), name)


def upload(content, name, who=1):
    with transaction() as tx:
        return store.put(tx.connection, keep(content, name), who)


def bomb():
    """A PNG of a few hundred bytes that says it is 50,000 by 50,000."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", b"")
        + chunk(b"IEND", b"")
    )


def test_the_same_content_is_kept_once_under_two_ids():
    first, second = upload(b"Hello", "a.txt"), upload(b"Hello", "b.txt")

    assert first.id != second.id and first.sha256 == second.sha256
    assert store.read(first).read_bytes() == b"Hello"
    with transaction() as tx:
        assert store.find(tx.connection, second.id) == second
        assert store.names(tx.connection, [first.id, second.id]) == {first.id: "a.txt", second.id: "b.txt"}


def test_a_picture_loses_what_its_camera_added():
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Secret camera", 6
    content = picture(exif=exif) + b"<?php evil(); __HALT_COMPILER();"

    kept = store.path_of(keep(content, "photo.JPG").sha256).read_bytes()

    assert b"Secret" not in kept and b"php" not in kept
    with Image.open(io.BytesIO(kept)) as again:
        assert again.size == (20, 40), "it was turned upright"
        assert not again.getexif()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<html><script>alert(1)</script>", "x.png"),
        (b"GIF89a/*<svg*/=1;alert(1)", "x.gif"),
        (b"MZ\x90\x00", "setup.exe"),
        (b"MZ\x90\x00\x00", "note.txt"),
        (b"#!/bin/sh", "run.sh"),
        (b"<?php", "x.php"),
        (b"", "empty.txt"),
        (b"x %PDF-1.7", "x.pdf"),
        (b"PK\x03\x04broken", "x.docx"),
        (b"no ole", "x.doc"),
        (b"x", "noextension"),
        (picture(), "x.png"),
        (b"x" * 27_000_000, "big.txt"),
    ],
)
def test_what_is_not_what_it_says_is_refused(content, name):
    with pytest.raises(NotTaken):
        keep(content, name)


def test_a_picture_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(NotTaken, match=r"more than 40 million pixels|cannot be read"):
        keep(bomb(), "bomb.png")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "x.svg"),
        (b"<html><script>1</script>", "x.html"),
        (b"<a/>", "x.xml"),
        (b"%PDF-1.7\n", "x.pdf"),
        ("Gọi lại".encode(), "ghi chú.txt"),
    ],
)
def test_only_pictures_may_stand_in_a_page(content, name):
    said = store.headers(upload(content, name))

    assert said["Content-Disposition"].startswith("attachment;") and said["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in said["Content-Security-Policy"] and said["Content-Type"] not in ("text/html", "image/svg+xml", "text/xml")
    assert store.headers(upload(picture("PNG"), "x.png"))["Content-Disposition"].startswith("inline;")


def test_a_name_is_only_for_showing():
    assert clean_name("../../etc/passwd.txt") == "passwd.txt"
    assert clean_name("C:\\x\\bảng giá\r\nSet-Cookie: a.xlsx") == "bảng giáSet-Cookie a.xlsx"
    assert clean_name("invoice\u202efdp.exe") == "invoicefdp.exe"
    assert len(clean_name("x" * 500 + ".pdf")) == 120
    said = store.headers(upload(b"x", 'a"b ☃.txt'))["Content-Disposition"]
    assert said.isascii() and "\n" not in said


def test_only_the_uploader_claims_a_file_and_only_once():
    file = upload(b"Hello", "a.txt", who=1)
    place = {"module_id": "mod_deal", "field_id": "fld_contract"}

    with transaction() as tx:
        with pytest.raises(NotFound):
            store.claim(tx.connection, file.id, actor_id=2, record_id=7, **place)
        store.claim(tx.connection, file.id, actor_id=1, record_id=None, **place)
        store.settle(tx.connection, [file.id], 7)
        store.claim(tx.connection, file.id, actor_id=1, record_id=7, **place)
        with pytest.raises(NotFound):
            store.claim(tx.connection, file.id, actor_id=1, record_id=8, **place)
        with pytest.raises(NotFound):
            store.claim(tx.connection, "fA3kPz0qWm5tYv8xB1nC2d", actor_id=1, record_id=7, **place)
        assert store.find(tx.connection, file.id).record_id == 7


def test_uploads_nobody_claimed_are_swept():
    left, taken = upload(b"left", "left.txt"), upload(b"taken", "taken.txt")
    with transaction() as tx:
        store.claim(tx.connection, taken.id, actor_id=1, module_id="mod_deal", field_id="fld_contract", record_id=7)

        assert store.sweep(tx.connection, clock.now() + timedelta(seconds=1)) >= 1

        with pytest.raises(NotFound):
            store.find(tx.connection, left.id)
    assert not store.path_of(left.sha256).exists() and store.path_of(taken.sha256).exists()


def test_contents_whose_save_was_refused_are_swept_a_day_later(database):
    stored = store.keep(io.BytesIO(b"nobody's text, ever"), "lost.txt")
    old = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(store.path_of(stored.sha256), (old, old))

    store.keep(io.BytesIO(b"somebody's text"), "new.txt")
    with transaction() as tx:
        store.sweep(tx.connection, clock.now() - timedelta(days=1))

    assert not store.path_of(stored.sha256).exists()


def test_a_content_that_is_sent_again_is_not_swept_from_under_its_new_upload(database):
    stored = store.keep(io.BytesIO(b"twice the same"), "one.txt")
    old = (clock.now() - timedelta(days=2)).timestamp()
    os.utime(store.path_of(stored.sha256), (old, old))
    again = store.keep(io.BytesIO(b"twice the same"), "two.txt")       # its row is not written yet

    with transaction() as tx:
        store.sweep(tx.connection, clock.now() - timedelta(days=1))
        assert store.read(store.find(tx.connection, store.put(tx.connection, again, 1).id)).exists()
