"""New ids and names: what a person calls something becomes an api name nobody has yet."""
import secrets
import unicodedata
from collections.abc import Container

from metadata import names

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id(prefix: str) -> str:
    """Never used before: "fld_k3v9x2m4p7"."""
    return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(10))


def name_of(label: str, taken: Container[str] = (), *, what: str = "field") -> str:
    """An api name for a label: "Ngày đóng" -> "ngay_dong"; a number is added where it is taken."""
    plain = unicodedata.normalize("NFD", label.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(one.lower() if one.isascii() and one.isalnum() else "_" for one in plain if not unicodedata.combining(one))
    stem = "_".join(part for part in letters.split("_") if part)[:names.LENGTH - 4].rstrip("_")
    if not stem or not stem[0].isalpha():
        stem = f"{what}_{stem}".rstrip("_")
    number, name = 1, stem
    while name in taken or names.problem(name, what):
        number += 1
        name = f"{stem}_{number}"
    return name
