"""Company: where the house is at home, the currency it counts in, and what other currencies are worth; as a page and by API."""
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import flask
import sqlalchemy as sa
from flask import request

from builder import wire
from runtime.db import clock
from runtime.db.transaction import Transaction, in_transaction, reading
from runtime.errors import Conflict, Invalid, NotFound, Refused
from runtime.locale import country, money, reader
from runtime.locale.text import _
from runtime.tables import build, published
from runtime.web.actor import current_actor
from runtime.web.htmx import answer, go
from runtime.web.policies import admin
from runtime.web.policies import api as for_clients

company = flask.Blueprint("company", __name__, url_prefix="/builder/company")
company_api = flask.Blueprint("company_api", __name__, url_prefix="/api/v1/metadata/company")

PAGE = "/builder/company"
SMALLEST = Decimal("0.000000000001")


@company.get("")
@admin
def show() -> flask.Response:
    return _page({}, {})


@company.post("")
@admin
def save() -> flask.Response:
    given = {name: request.form[name] for name in ("country", "currency") if name in request.form}
    return _kept(lambda tx: _save(tx, given), _("Saved. It counts for what is saved from now on."))


@company.post("/rates")
@admin
def add() -> flask.Response:
    return _kept(lambda tx: _add(tx, request.form, reader.current().read_number), _("Rate added."))


@company.post("/rates/<code>/<day>/remove")
@admin
def remove(code: str, day: str) -> flask.Response:
    return _kept(lambda tx: _remove(tx, code, day), _("Rate removed."))


# For programs

@company_api.before_request
def _only_admins() -> None:
    if not current_actor().admin:
        raise Refused(_("Only an administrator may look after the company."))


@company_api.get("")
@for_clients
def told() -> flask.Response:
    return wire.answer(_told())


@company_api.patch("")
@for_clients
def change() -> flask.Response:
    """{"country": "VN", "currency": "VND"}: one of them, or both."""
    given = wire.body()
    in_transaction(lambda tx: _save(tx, {name: str(given[name]) for name in ("country", "currency") if name in given}))
    return wire.answer(_told())


@company_api.post("/rates")
@for_clients
def add_by_program() -> flask.Response:
    """{"currency": "EUR", "from": "2026-01-01", "rate": "1.10"}: what one is worth at home from that day on."""
    given = wire.body()
    in_transaction(lambda tx: _add(tx, given, Decimal))
    return wire.answer(_told(), 201)


@company_api.delete("/rates/<code>/<day>")
@for_clients
def remove_by_program(code: str, day: str) -> flask.Response:
    in_transaction(lambda tx: _remove(tx, code, day))
    return flask.Response(status=204)


# What all of them do

def _save(tx: Transaction, given: Mapping[str, str]) -> None:
    wrong = {}
    if "country" in given and given["country"] not in country.names("en"):
        wrong["country"] = [_("There is no country '%(code)s'. Choose one of the list.", code=given["country"][:20])]
    if "currency" in given and given["currency"] not in money.currencies():
        wrong["currency"] = [_("There is no currency '%(code)s'. Choose one of the list.", code=given["currency"][:20])]
    if wrong:
        raise Invalid(wrong)
    if "country" in given:
        country.set_home(tx.connection, given["country"])
        tx.when_committed(country.forget)
    at_home = money.rates(tx.connection, fresh=True).home
    if given.get("currency", at_home) != at_home:
        if _has_amounts(tx.connection):
            raise Conflict(_("Records hold amounts already, and what they are worth at home is kept in %(code)s.", code=at_home))
        money.set_home_currency(tx.connection, given["currency"])
        tx.when_committed(money.forget)


def _add(tx: Transaction, given: Mapping[str, Any], number: Callable[[str], Decimal]) -> None:
    """number: how whoever wrote the rate writes numbers."""
    code, wrong = str(given.get("currency", "")), {}
    if code not in money.currencies() or code == money.rates(tx.connection, fresh=True).home:
        wrong["currency"] = [_("Choose a currency other than that of the company.")]
    try:
        day = date.fromisoformat(str(given.get("from", "")))
    except ValueError:
        wrong["from"] = [_("Enter a day such as %(day)s.", day="2026-01-31")]
    try:
        rate = number(str(given.get("rate", "")).strip())
    except (ValueError, ArithmeticError):
        rate = Decimal(0)
    if not (rate.is_finite() and SMALLEST <= rate <= 1 / SMALLEST):
        wrong["rate"] = [_("Enter what one is worth at home: a number above zero.")]
    if wrong:
        raise Invalid(wrong)
    money.set_rate(tx.connection, code, day, rate)
    tx.when_committed(money.forget)


def _remove(tx: Transaction, code: str, day: str) -> None:
    try:
        there = money.remove_rate(tx.connection, code, date.fromisoformat(day))
    except ValueError:
        there = False
    if not there:
        raise NotFound(_("There is no rate of this day."))
    tx.when_committed(money.forget)


def _has_amounts(connection: sa.Connection) -> bool:
    """Whether a record holds what something was worth at home."""
    now = published.current()
    kept = [now.table(module.name).c[build.part_column(field.name, part)] for module in now.definitions.modules.values()
            for field in module.fields if (part := now.type(field).measured_part)]
    return any(connection.scalar(sa.select(sa.exists().where(column.is_not(None)))) for column in kept)


def _told() -> dict[str, Any]:
    with reading() as connection:
        known = money.rates(connection, fresh=True)
    return {"country": country.home(), "currency": known.home,
            "rates": [{"currency": code, "from": day.isoformat(), "rate": f"{rate.normalize():f}"}
                      for code, (days, rates) in sorted(known.dated.items())
                      for day, rate in zip(reversed(days), reversed(rates), strict=True)]}


def _kept(act: Callable[[Transaction], None], said: str) -> flask.Response:
    try:
        in_transaction(act)
    except (Invalid, Conflict) as problem:
        return _page(request.form, problem.errors if isinstance(problem, Invalid) else {"": [problem.message]},
                     status=problem.status)
    return go(PAGE, events={"toast": {"text": said}})


def _page(given: Mapping[str, str], errors: Mapping[str, list[str]], status: int = 200) -> flask.Response:
    language, told = current_actor().language, _told()
    with reading() as connection:
        locked = _has_amounts(connection)
    rates = [{**each, "day": date.fromisoformat(each["from"]), "worth": Decimal(each["rate"])} for each in told["rates"]]
    return answer("builder/company.html", "company", status=status, **told | {"rates": rates}, locked=locked, given=given,
                  errors=errors, today=clock.now().date().isoformat(), reader=reader.current(),
                  countries=country.names(language), currencies=money.names(language))
