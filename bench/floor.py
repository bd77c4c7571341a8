"""The floor: bare Flask, SQLAlchemy Core, precompiled Jinja, session cookie, CSRF and compiled validators over the same tables.

No permissions, no metadata, no history, no events: what a page costs when it is written by hand for this one table. Served
like the product: `gunicorn -c python:runtime.cli.gunicorn_settings bench.floor:app`.
"""
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import flask
import jinja2
import sqlalchemy as sa
from flask_wtf.csrf import CSRFProtect, generate_csrf

from runtime.db import embedded

engine = sa.create_engine(embedded.addresses().database_url, pool_size=8, connect_args={"prepare_threshold": 2})
app = flask.Flask("floor", template_folder=str(Path(__file__).parent / "templates"), static_folder=None)
app.config.update(SECRET_KEY="f" * 40, WTF_CSRF_TIME_LIMIT=None)
app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": jinja2.StrictUndefined}
CSRFProtect(app)

meta = sa.MetaData(schema="records")
T = sa.Text
deals = sa.Table(
    "deals", meta, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("version", sa.Integer),
    sa.Column("name", T), sa.Column("account", sa.BigInteger), sa.Column("stage", T), sa.Column("amount", sa.Numeric),
    sa.Column("close_date", sa.Date), sa.Column("type", T), sa.Column("probability", sa.Numeric), sa.Column("source", T),
    sa.Column("next_step", T), sa.Column("contact", T), sa.Column("email", T), sa.Column("phone", T), sa.Column("website", T),
    sa.Column("seats", sa.BigInteger), sa.Column("discount", sa.Numeric), sa.Column("score", sa.BigInteger),
    sa.Column("strategic", sa.Boolean), sa.Column("last_contact", sa.DateTime(timezone=True)), sa.Column("competitor", T),
    sa.Column("description", T), sa.Column("owner", sa.BigInteger), sa.Column("created_at", sa.DateTime(timezone=True)),
    sa.Column("updated_at", sa.DateTime(timezone=True)), sa.Column("deleted_at", sa.DateTime(timezone=True)),
    sa.Column("search", T))
accounts = sa.Table(
    "accounts", meta, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("name", T), sa.Column("industry", T),
    sa.Column("city", T), sa.Column("website", T), sa.Column("phone", T), sa.Column("employees", sa.BigInteger),
    sa.Column("owner", sa.BigInteger), sa.Column("deleted_at", sa.DateTime(timezone=True)), sa.Column("search", T))
person = sa.Table("person", meta, sa.Column("id", sa.BigInteger), sa.Column("name", T), schema="house")
d, a = deals.c, accounts.c

ROWS, CAP, RELATED, HITS = 50, 1_000, 5, 5
SHOWN = (d.id, d.name, d.stage, d.amount, d.close_date, d.type, d.probability, a.name.label("account"),
         person.c.name.label("owner"))
JOINED = deals.outerjoin(accounts, a.id == d.account).outerjoin(person, person.c.id == d.owner)
WHERE = (d.deleted_at.is_(None), d.stage == sa.bindparam("stage"), d.amount.between(sa.bindparam("least"), sa.bindparam("most")))
ORDER = (d.close_date.desc().nulls_last(), d.id.desc())
PAGE = sa.select(*SHOWN).select_from(JOINED).where(*WHERE).order_by(*ORDER).limit(ROWS + 1)
BEYOND = PAGE.where(sa.tuple_(d.close_date, d.id) < sa.tuple_(sa.bindparam("at", type_=sa.Date), sa.bindparam("id")))
COUNT = sa.select(sa.func.count()).select_from(sa.select(sa.literal(1)).where(*WHERE).limit(CAP + 1).subquery())
ACCOUNT = (sa.select(accounts, person.c.name.label("owner_name"))
           .select_from(accounts.outerjoin(person, person.c.id == a.owner))
           .where(a.id == sa.bindparam("id"), a.deleted_at.is_(None)))
ITS_DEALS = (sa.select(d.id, d.name, d.stage, d.amount, d.close_date, person.c.name.label("owner"))
             .select_from(deals.outerjoin(person, person.c.id == d.owner))
             .where(d.account == sa.bindparam("id"), d.deleted_at.is_(None)).order_by(*ORDER).limit(RELATED + 1))
DEAL = sa.select(*[column for column in d if column.name != "search"]).where(d.id == sa.bindparam("id"), d.deleted_at.is_(None))
WORDS = sa.func.to_tsvector(sa.literal_column("'simple'::regconfig"), sa.func.house.words(sa.bindparam("name")))


def _hits(table: sa.Table) -> Any:
    found = sa.select(sa.literal(table.name).label("module"), table.c.id, table.c.name).where(
        table.c.search.op("@@")(sa.func.house.prefixes(sa.bindparam("words"))), table.c.deleted_at.is_(None)).limit(HITS + 1)
    return sa.select(found.subquery())


SEARCH = sa.union_all(_hits(accounts), _hits(deals))


# Twenty validators, compiled once: text in, clean value out, or ValueError with a sentence

def _text(most: int) -> Callable[[str], Any]:
    def read(given: str) -> str:
        if len(given) > most or "\0" in given:
            raise ValueError(f"At most {most} characters.")
        return given
    return read


def _number(kind: Callable[[str], Any], least: Any = None, most: Any = None) -> Callable[[str], Any]:
    def read(given: str) -> Any:
        try:
            value = kind(given)
        except ArithmeticError:
            raise ValueError("Not a number.") from None
        if (least is not None and value < least) or (most is not None and value > most):
            raise ValueError(f"Between {least} and {most}.")
        return value
    return read


def _one_of(*choices: str) -> Callable[[str], Any]:
    def read(given: str) -> str:
        if given not in choices:
            raise ValueError("Not one of the choices.")
        return given
    return read


def _like(pattern: str) -> Callable[[str], Any]:
    match = re.compile(pattern).fullmatch

    def read(given: str) -> str:
        if not match(given):
            raise ValueError("Not written as it should be.")
        return given
    return read


STAGES = ("Qualification", "Proposal", "Closed Won", "Closed Lost")
VALIDATORS: dict[str, Callable[[str], Any]] = {
    "name": _text(160), "account": _number(int, 1), "stage": _one_of(*STAGES), "amount": _number(Decimal),
    "close_date": date.fromisoformat, "type": _one_of("New business", "Existing business", "Renewal"),
    "probability": _number(Decimal, 0, 100), "source": _one_of("Web", "Partner", "Trade show", "Cold call", "Referral"),
    "next_step": _text(160), "contact": _text(120), "email": _like(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "phone": _like(r"\+?[\d ]{6,20}"),
    "website": _like(r"https?://\S+"), "seats": _number(int), "discount": _number(Decimal), "score": _number(int, 0, 100),
    "strategic": lambda given: given == "on", "last_contact": lambda given: datetime.fromisoformat(given).replace(tzinfo=UTC),
    "competitor": _text(120), "description": _text(20_000)}
INSERT = deals.insert().values({**{name: sa.bindparam(name) for name in VALIDATORS}, "owner": 1, "search": WORDS,
                                "created_at": sa.func.now(), "updated_at": sa.func.now()}).returning(d.id)
UPDATE = deals.update().where(d.id == sa.bindparam("record"), d.version == sa.bindparam("seen")).values(
    {**{name: sa.bindparam(name) for name in VALIDATORS}, "search": WORDS, "version": d.version + 1, "updated_at": sa.func.now()})


def validated(given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(clean values, {field: what is wrong})."""
    clean: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, read in VALIDATORS.items():
        text = given.get(name, "").strip()
        try:
            clean[name] = read(text) if text else None
        except ValueError as problem:
            errors[name] = str(problem)
    if not clean.get("name"):
        errors["name"] = "Needed."
    return clean, errors


@app.before_request
def _admit() -> Any:
    flask.session.setdefault("user", 1)
    return None


@app.get("/")
def home() -> str:
    return f"<!doctype html><title>Floor</title><p>{generate_csrf()}</p>"


@app.get("/deals")
def listing() -> str:
    asked = flask.request.args
    given = {"stage": asked.get("stage", "Qualification"), "least": Decimal(asked.get("least", "0")),
             "most": Decimal(asked.get("most", "1e15"))}
    after = asked.get("after")
    counted = None
    with engine.connect() as connection:
        if after:
            at, _, record = after.partition("_")
            rows = connection.execute(BEYOND, given | {"at": date.fromisoformat(at), "id": int(record)}).all()
        else:
            rows = connection.execute(PAGE, given).all()
            counted = connection.scalar(COUNT, given)
    beyond = f"{rows[ROWS - 1].close_date}_{rows[ROWS - 1].id}" if len(rows) > ROWS else None
    return flask.render_template("list.html", rows=rows[:ROWS], count=counted, cap=CAP, after=beyond, asked=given, stages=STAGES)


@app.get("/accounts/<int:record>")
def account(record: int) -> str:
    with engine.connect() as connection:
        found = connection.execute(ACCOUNT, {"id": record}).one()
        related = connection.execute(ITS_DEALS, {"id": record}).all()
    return flask.render_template("account.html", account=found, deals=related[:RELATED], more=len(related) > RELATED)


@app.get("/deals/<int:record>")
def deal(record: int) -> str:
    with engine.connect() as connection:
        found = connection.execute(DEAL, {"id": record}).one()
    return flask.render_template("form.html", values=found._mapping, fields=VALIDATORS, errors={}, action=f"/deals/{record}")


@app.post("/deals")
def create() -> Any:
    clean, errors = validated(flask.request.form)
    if errors:
        return flask.render_template("form.html", values=flask.request.form, fields=VALIDATORS, errors=errors, action="/deals"), 422
    with engine.begin() as connection:
        made = connection.execute(INSERT, clean).scalar_one()
    return flask.redirect(f"/deals/{made}", 303)


@app.post("/deals/<int:record>")
def update(record: int) -> Any:
    clean, errors = validated(flask.request.form)
    if errors:
        return flask.render_template("form.html", values=flask.request.form, fields=VALIDATORS, errors=errors,
                                     action=f"/deals/{record}"), 422
    with engine.begin() as connection:
        done = connection.execute(UPDATE, clean | {"record": record, "seen": int(flask.request.form["version"])}).rowcount
    return flask.redirect(f"/deals/{record}", 303) if done else ("Somebody was here before you.", 409)


@app.get("/search")
def search() -> str:
    words = flask.request.args.get("q", "")
    with engine.connect() as connection:
        rows = connection.execute(SEARCH, {"words": words}).all()
    return flask.render_template("search.html", rows=rows, q=words)
