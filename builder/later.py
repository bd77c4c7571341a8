"""Publish later: a draft that goes live at a chosen time, tonight at 02:00 unless somebody says otherwise.

What is planned is the draft as it stood then. What became of it is told on every page of the studio until it is read.
"""
from datetime import UTC, datetime, time, timedelta
from typing import Any

import flask

from runtime.db import clock
from runtime.errors import BadQuery, Invalid, NotFound
from runtime.locale import reader
from runtime.locale.text import _
from runtime.publish import jobs
from runtime.values import Actor
from runtime.web import htmx
from runtime.web.actor import current_actor
from runtime.web.policies import builder

pages = flask.Blueprint("later", __name__, url_prefix="/builder/review/later")

NIGHT = time(2)
MORNING = 6
"""Until this hour the night goes on that began the evening before."""
FURTHEST = timedelta(days=31)


@pages.post("/<int:number>/cancel")
@builder
def cancel(number: int) -> flask.Response:
    job = _own(number)
    text = _("Nothing is published then. The draft is still here.") if jobs.cancel(job.id) else _("It is too late for that.")
    return htmx.go("/builder/review", events={"toast": {"text": text}})


@pages.post("/<int:number>/read")
@builder
def read(number: int) -> flask.Response:
    jobs.read_about(_own(number).id)
    return htmx.go("/builder/review")


def offered() -> dict[str, str]:
    """What the form offers: the next 02:00 on this person's clock."""
    who = reader.current()
    due = tonight(who.local(clock.now()))
    return {"at": who.typed_datetime(due), "zone": who.zone,
            "label": _("Later, for example tonight at %(time)s", time=who.time(due))}


def tonight(now: datetime) -> datetime:
    """The next 02:00 on the clock `now` is on."""
    day = now.date() if now.time() < NIGHT else now.date() + timedelta(days=1)
    return datetime.combine(day, NIGHT, tzinfo=now.tzinfo)


def asked(written: str) -> datetime:
    """A time on this person's clock, or with an offset of its own. Raises Invalid."""
    try:
        due = datetime.fromisoformat(written.strip())
    except ValueError:
        raise Invalid({"at": [_("Say when: a day and a time.")]}) from None
    return within(due if due.tzinfo else due.replace(tzinfo=reader.current().clock))


def within(due: datetime) -> datetime:
    """Raises Invalid where it is past, or too far away."""
    if due <= clock.now():
        raise Invalid({"at": [_("That time is past. Choose a later one.")]})
    if due > clock.now() + FURTHEST:
        raise Invalid({"at": [_("Choose a time within %(days)s days.", days=FURTHEST.days)]})
    return due


def asked_by_program(written: Any) -> datetime:
    """"2026-11-24T02:00:00+07:00". Raises BadQuery, Invalid."""
    try:
        due = datetime.fromisoformat(written)
    except (TypeError, ValueError):
        due = None
    if due is None or due.tzinfo is None:
        raise BadQuery(_("'%(name)s' is a day and time with an offset: 2026-11-24T02:00:00+07:00.", name="at"))
    return within(due.astimezone(UTC))


def badge(due: datetime) -> str:
    """"Publishes tonight 02:00", or with its day."""
    who = reader.current()
    now, there = who.local(clock.now()), who.local(due)
    night = there.hour < MORNING and timedelta(0) <= due - now < timedelta(days=1) and (
        there.date() > now.date() or now.hour < MORNING)
    if night or (there.date() == now.date() and there.hour >= 18):
        return _("Publishes tonight %(time)s", time=who.time(due))
    return _("Publishes %(time)s", time=who.datetime(due))


def told(actor: Actor, name: str, behind: bool = False) -> dict[str, Any] | None:
    """About the draft somebody works on: {state, number, badge, text, bad}; None where nothing is planned or unread.

    behind: somebody published since the draft was begun.
    """
    job = jobs.planned(actor.user_id, name)
    if job is None or job.due_at is None:
        return None
    time = reader.current().datetime(job.due_at)
    if job.state == jobs.DONE:
        said = _("Version %(number)s is live.", number=job.number), _("Version %(number)s went live at the planned time, %(time)s.",
                                                                       number=job.number, time=time)
    elif job.state == jobs.FAILED:
        said = _("Not published"), _("Nothing was published at %(time)s. %(why)s", time=time, why=job.problem)
    elif job.state == jobs.CANCELLED:
        said = _("Publishing called off"), _("Nothing is published at %(time)s any more. %(why)s Set the time again if you still "
                                             "mean it.", time=time, why=job.problem)
    elif job.state == jobs.SCHEDULED and behind:
        said = _("Will not publish"), _("Somebody published meanwhile, so nothing is published at %(time)s. Bring both "
                                        "together, then set the time again.", time=time)
    elif job.state == jobs.SCHEDULED:
        said = badge(job.due_at), _("This draft goes live at %(time)s, as it stands now.", time=time)
    else:
        said = _("Publishing"), _("A worker is publishing this draft.")
    return {"state": job.state, "number": job.id, "badge": said[0], "text": said[1],
            "bad": job.state in (jobs.FAILED, jobs.CANCELLED) or (job.state == jobs.SCHEDULED and behind)}


def _own(number: int) -> jobs.Job:
    job = jobs.get(number)
    if job.owner_id != current_actor().user_id:
        raise NotFound(_("There is no such publishing under way."))
    return job
