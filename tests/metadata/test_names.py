"""Names: each refusal says why, and what to do."""
import re

import pytest

from metadata import names


@pytest.mark.parametrize(("name", "said"), [
    ("a" * 70, r"The name 'a{30}…' has 70 characters; a name has at most 40. Shorten it, for example to 'a{40}'."),
    ("billing__city", "two underscores in a row"),
    ("Close Date", "Try 'close_date'"),
    ("1st", "begins with a letter"),
    ("name\n", "small letters"),
    ("ｎame", "small letters"),
    ("x\"; DROP TABLE m_1;--", "small letters"),
    ("order", "reserved word of SQL"),
    ("select", "reserved word of SQL"),
    ("version", "taken by the house in every module"),
    ("deleted_at", "taken by the house in every module"),
    ("xmin", "taken by the house"),
    ("retired_fld_x", "used by the house"),
])
def test_a_name_that_cannot_be_is_refused_with_the_way_out(name, said):
    assert re.search(said, names.problem(name, "field"))


@pytest.mark.parametrize("name", ["name", "close_date", "a", "x1", "status", "type", "a" * 40, "year", "value", "date"])
def test_ordinary_names_are_taken(name):
    assert names.problem(name, "field") is None


def test_a_module_may_not_be_called_like_the_people():
    assert "taken by the house" in names.problem("users", "module")


@pytest.mark.parametrize("label", ["Deal\u202etxt", "a\nb", "a\u200bb", "\x07"])
def test_a_label_holds_nothing_that_cannot_be_seen(label):
    assert "cannot be seen" in names.label_problem(label)


def test_labels_may_be_in_any_script():
    assert names.label_problem("Giao dịch & Hợp đồng <b>") is None
    assert names.slug("Khách hàng tiềm năng") == "khach_hang_tiem_nang"
