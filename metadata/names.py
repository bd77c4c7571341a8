"""Names: what a module, field or other noun may be called in the database, in formulas and in the API."""
import re
import unicodedata

from metadata.words import say, sentences

LENGTH = 40
ID = re.compile(r"[a-z][a-z0-9_]{2,59}")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

SYSTEM_COLUMNS = frozenset({
    "id", "version", "owner", "created_at", "created_by", "updated_at", "updated_by", "deleted_at", "deleted_by",
    "import_id", "search",
    "ctid", "oid", "tableoid", "xmin", "xmax", "cmin", "cmax"})
"""Columns every table has already: the house's (tables/build.py) and PostgreSQL's own."""

SQL_WORDS = frozenset({
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "between",
    "binary", "both", "case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint",
    "create", "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end", "except",
    "exists", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike",
    "in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left", "like",
    "limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only", "or",
    "order", "outer", "overlaps", "placing", "primary", "references", "returning", "right", "select",
    "session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "then", "to", "trailing",
    "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where", "window", "with"})
"""Reserved in PostgreSQL: usable only in quotes, which would trip everybody who reads the tables with another tool."""

RESERVED_MODULES = frozenset({"users", "house", "records", "person"})
"""Taken by the house: the people, and its schemas."""

_UNSEEN = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
"""Marks of direction and spaces of no width: two names that look alike would not be alike."""


def problem(name: str, what: str = "field") -> str | None:
    """Why `name` cannot be the api name of a `what` ("field", "module", "view", …); None when it can."""
    if len(name) > LENGTH:
        return (say("The name '%(name)s' has %(count)s characters; a name has at most %(most)s. Shorten it, for example to "
                    "'%(better)s'.", name=_short(name), count=len(name), most=LENGTH, better=name[:LENGTH].rstrip('_')))
    if "__" in name:
        return say("The name '%(name)s' has two underscores in a row, which the parts of a field use. Use one.", name=name)
    if not _NAME.fullmatch(name):
        return sentences(say("The name '%(name)s' may have small letters, digits and single underscores only, and begins with a "
                             "letter.", name=_short(name)), _try(name))
    if what == "field" and name in SYSTEM_COLUMNS:
        return say("The name '%(name)s' is taken by the house in every module. Choose another, for example '%(better)s'.",
                   name=name, better=_longer(name))
    if what == "module" and name in RESERVED_MODULES:
        return say("The name '%(name)s' is taken by the house. Choose another, for example 'our_%(name)s'.", name=name)
    if what in ("field", "module"):
        if name in SQL_WORDS:
            return say("The name '%(name)s' is a reserved word of SQL. Choose another, for example '%(better)s'.", name=name,
                       better=_longer(name))
        if name.startswith(("retired_", "pending_", "sys_")):
            return say("Names that begin with '%(begin)s_' are used by the house. Choose another.", begin=name.partition('_')[0])
    return None


def id_problem(value: str) -> str | None:
    """Why `value` cannot be an id; None when it can."""
    if ID.fullmatch(value) and not value.startswith("sys_"):
        return None
    return (say("The id '%(name)s' may have small letters, digits and underscores only, begins with a letter, and has 3 to 60 "
                "characters.", name=_short(value)))


def label_problem(label: str) -> str | None:
    """Labels may be in any script, but hold nothing that cannot be seen."""
    if not label.isprintable() and any(unicodedata.category(sign) == "Cc" or sign in _UNSEEN for sign in label):
        return say("It has characters that cannot be seen (line breaks, control or direction marks). Type it again without "
                   "them.")
    return None


def slug(label: str) -> str:
    """A name made of a label: "Khách hàng" -> "khach_hang"."""
    plain = unicodedata.normalize("NFD", label.lower()).replace("đ", "d").encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")[:LENGTH].rstrip("_")


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:30]}…"


def _try(name: str) -> str:
    better = slug(name)
    return say("Try '%(better)s'.", better=better) if better and better != name else ""


def _longer(name: str) -> str:
    return f"{name}_at" if name in ("end", "created", "from", "to") else f"{name}_value"
