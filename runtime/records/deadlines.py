"""Deadlines: what a date that something is due on says about itself, seen from today."""
from datetime import date, datetime
from typing import Any

from runtime.locale.text import _, ngettext


def standing(value: Any, today: date, reader: Any) -> tuple[str, str]:
    """(tone, words): ("red", "8 days late"), ("amber", "today"), ("", "") where there is time."""
    if not isinstance(value, date):
        return "", ""
    day = reader.local(value).date() if isinstance(value, datetime) else value
    late = (today - day).days
    if late > 0:
        return "red", ngettext("%(n)s day late", "%(n)s days late", late)
    return ("amber", _("today")) if late == 0 else ("", "")
