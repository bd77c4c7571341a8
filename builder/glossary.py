"""The glossary in place: each term of the studio with one plain line, a switch that renames terms in plain words, a first hour.

The words are those of docs/glossary.md. The switch is a cookie: it changes what one reader sees and nothing else.
"""
from dataclasses import dataclass
from typing import Any

import flask
import sqlalchemy as sa
from flask import request

from builder import draft as drafts
from builder import studio
from runtime.db.transaction import reading
from runtime.locale import country
from runtime.locale.text import Lazy, _, lazy
from runtime.security import policy
from runtime.tables import published
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

words = flask.Blueprint("glossary", __name__, url_prefix="/builder/words")

studio.entry(lazy("Words"), "/builder/words", "vocabulary", position=98, noun=studio.OWN)

COOKIE = "plain_words"
YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Term:
    """name: as the screens say it; plain: what the switch makes of it; line: what it is; source: its word in docs/glossary.md."""
    name: Lazy
    plain: Lazy
    line: Lazy
    source: str


TERMS = (
    Term(lazy("Modules & fields"), lazy("Kinds of records"),
         lazy("A module is a kind of record with its fields: leads, deals, properties."), "module"),
    Term(lazy("Fields"), lazy("What is written down"),
         lazy("A field is one value of every record, such as a name, a price or a date."), "field"),
    Term(lazy("Layouts"), lazy("How a record looks"),
         lazy("A layout arranges the fields on a record's page and form."), "layout"),
    Term(lazy("Layout rules"), lazy("Forms that adapt"),
         lazy("A layout rule shows, hides, requires or locks fields of a form while a condition holds."), "layout rule"),
    Term(lazy("Views"), lazy("Saved lists"),
         lazy("A view is a saved way to look at a module's records."), "view"),
    Term(lazy("Validation rules"), lazy("What must never be saved"),
         lazy("A validation rule refuses a save and says in a sentence why."), "validation rule"),
    Term(lazy("Buttons"), lazy("One-click steps"),
         lazy("A button does one thing or several on a record or a list."), "button"),
    Term(lazy("Roles"), lazy("Who may do what"),
         lazy("A role says what its people may see, change and delete."), "role"),
    Term(lazy("Import maps"), lazy("How files are read"),
         lazy("An import map says which columns of a file become which fields."), "import map"),
    Term(lazy("Review & publish"), lazy("Look it over and go live"),
         lazy("Nobody sees what you change before you publish it. Publishing can be taken back."), "publish"),
    Term(lazy("Draft"), lazy("Not live yet"),
         lazy("A draft is what you are changing. It touches no records."), "draft"),
    Term(lazy("Versions"), lazy("What was live before"),
         lazy("Each publishing makes a version. Any of them can be brought back."), "version"),
    Term(lazy("Picklist"), lazy("List of choices"),
         lazy("A picklist is a field with given choices."), "picklist"),
    Term(lazy("Lookup"), lazy("Link to another record"),
         lazy("A lookup is a field that points to a record."), "lookup"),
    Term(lazy("Formula"), lazy("Computed value"),
         lazy("A formula is computed from other fields whenever it is read."), "formula"),
    Term(lazy("Roll-up"), lazy("Total over linked records"),
         lazy("A roll-up counts or adds up the records that point to this one."), "roll-up"),
    Term(lazy("Record"), lazy("One entry"),
         lazy("A record is one lead, one deal, one property."), "record"),
    Term(lazy("Duplicate rules"), lazy("What is probably the same"),
         lazy("A duplicate rule says which records are probably the same, and asks before one more is saved."), "duplicate rule"),
    Term(lazy("Convert maps"), lazy("What a record becomes"),
         lazy("A convert map says what a record becomes, a lead an account and a contact, and which values go where."),
         "convert map"),
    Term(lazy("Board"), lazy("Cards in columns"),
         lazy("A board shows records as cards in lanes. Moving a card changes its field."), "board"),
    Term(lazy("Related list"), lazy("What belongs to it"),
         lazy("A related list shows, below a record, the records that point to it."), "related list"),
    Term(lazy("Condition"), lazy("Only when"),
         lazy("A condition says for which records something holds: Amount is above 1,000."), "criteria"),
    Term(lazy("Theme"), lazy("Colours and logo"),
         lazy("A theme is the colours, corners, lettering and logo of the house."), "theme"),
    Term(lazy("Translations"), lazy("Other languages"),
         lazy("Translations say the names and sentences of the CRM in another language."), "translation"),
    Term(lazy("Build by example"), lazy("Start from a file"),
         lazy("Give files you have: the modules they would make are proposed, and their records imported."), "build by example"),
    Term(lazy("Tests"), lazy("Proof that it works"),
         lazy("A test says in plain words: given these records, when that happens, then this is so."), "scenario"),
    Term(lazy("Branches"), lazy("Try something aside"),
         lazy("A branch is a draft with a name, to try something beside the work and look at it on live records."), "branch"),
    Term(lazy("Packages"), lazy("Ready-made setups"),
         lazy("A package brings modules, views, rules, roles and words in one file, and can be taken out again."), "package"),
    Term(lazy("Blueprint"), lazy("Guided process"),
         lazy("A blueprint says which states a record has and which moves are allowed."), "blueprint"),
)


@words.get("")
@builder
def listing() -> flask.Response:
    return studio.answer("builder/words.html", "work", draft=drafts.current(current_actor()), terms=TERMS, plain=_plain())


@words.post("")
@builder
def switch() -> flask.Response:
    response = htmx.go("/builder/words")
    on = request.form.get("plain") == "1"
    response.set_cookie(COOKIE, "1" if on else "", max_age=YEAR if on else 0, secure=request.is_secure, httponly=True,
                        samesite="Lax")
    return response


@words.app_template_global("term")
def term(label: Any) -> dict[str, str]:
    """{"shown", "line"} of what a screen calls something; itself and "" where it is no term."""
    known = next((each for each in TERMS if str(each.name) == str(label)), None)
    if known is None:
        return {"shown": str(label), "line": ""}
    return {"shown": str(known.plain) if _plain() else str(label), "line": str(known.line)}


@words.app_template_global("first_hour")
def first_hour() -> list[dict[str, Any]]:
    """The steps of an administrator's first hour that this person may take; none once everything is done."""
    who = current_actor()
    if policy.buildable(who) is not None:
        return []
    now = published.current()
    modules = [now.table(name) for name in list(now.definitions.modules)[:40]]
    with reading() as connection:
        people = connection.scalar(sa.text("SELECT count(*) FROM house.person WHERE active")) or 0
        anything = sa.select(sa.or_(sa.false(), *(sa.exists(sa.select(table.c.id)) for table in modules)))
        records, at_home = bool(connection.scalar(anything)), country.chosen(connection)
    steps = [*([(_("Say where your company is"), "/builder/company", at_home)] if who.admin else []),
             (_("Have a module to work with"), "/builder/modules/new", bool(modules)),
             (_("Change something and publish it"), "/builder/review", now.number > 1),
             *([(_("Add the first colleague"), "/builder/people/new", people > 1)] if who.admin else []),
             (_("Bring your records"), "/import", records)]
    if all(done for _label, _href, done in steps):
        return []
    return [{"label": label, "href": href, "done": done} for label, href, done in steps]


def _plain() -> bool:
    return request.cookies.get(COOKIE) == "1"
