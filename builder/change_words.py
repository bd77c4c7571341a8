"""Changes in the reader's words: each with an icon, a tone, a sentence, and how publishing carries it out."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from metadata import changes
from metadata.changes import Change
from runtime.locale.text import _, ngettext
from runtime.publish import impact


@dataclass(frozen=True)
class Words:
    icon: str
    tone: str
    sentence: Callable[[Any], str]


def _document(change: Any) -> str:
    document = change.document
    label = getattr(document, "label", "") or document.name
    return (_("%(noun)s '%(label)s' of %(module)s", noun=_noun(document), label=label, module=change.home)
            if getattr(change, "home", "") else _("%(noun)s '%(label)s'", noun=_noun(document), label=label))


def _noun(document: Any) -> str:
    """The noun's own word, inside a sentence; their schemas' titles are in the catalogue."""
    word = _(document.noun.capitalize())
    return word[:1].lower() + word[1:]


def _what(change: Any) -> str:
    """What is said after the colon of the change's own sentence."""
    return str(change).partition(": ")[2].rstrip(".")


_WORDS: dict[type[Change], Words] = {
    changes.AddModule: Words("plus", "green", lambda c: ngettext(
        "Add module '%(module)s' with %(n)s field.", "Add module '%(module)s' with %(n)s fields.", len(c.module.fields),
        n=len(c.module.fields), module=c.module.plural)),
    changes.RestoreModule: Words("restore", "green", lambda c: _("Bring back module '%(module)s' with its records.",
                                                                module=c.module.plural)),
    changes.RetireModule: Words("trash", "red", lambda c: _("Remove module '%(module)s' and its records.", module=c.module.plural)),
    changes.RenameModule: Words("pencil", "violet", lambda c: _("Rename module '%(old)s' to '%(new)s'.", old=c.before.name,
                                                                new=c.module.name)),
    changes.AddField: Words("plus", "green", lambda c: _("Add field '%(field)s' to %(module)s.", field=c.field.label,
                                                         module=c.module.label)),
    changes.RestoreField: Words("restore", "green", lambda c: _("Bring back field '%(field)s' of %(module)s with its values.",
                                                                field=c.field.label, module=c.module.label)),
    changes.RetireField: Words("trash", "red", lambda c: _("Remove field '%(field)s' from %(module)s, and what is in it.",
                                                           field=c.field.label, module=c.module.label)),
    changes.RenameField: Words("pencil", "violet", lambda c: _("Rename field '%(old)s' of %(module)s to '%(new)s'.",
                                                               old=c.before.name, new=c.field.name, module=c.module.label)),
    changes.ChangeFieldType: Words("arrows-right-left", "amber", lambda c: _(
        "Change the type of '%(field)s' of %(module)s from %(old)s to %(new)s.", field=c.field.label, module=c.module.label,
        old=c.before.type.replace("_", " "), new=c.field.type.replace("_", " "))),
    changes.ChangeField: Words("pencil", "amber", lambda c: _("Change field '%(field)s' of %(module)s: %(what)s.",
                                                              field=c.field.label, module=c.module.label, what=_what(c))),
    changes.AddDocument: Words("plus", "green", lambda c: _("Add %(what)s.", what=_document(c))),
    changes.RetireDocument: Words("trash", "red", lambda c: _("Remove %(what)s.", what=_document(c))),
    changes.ChangeDocument: Words("pencil", "amber", lambda c: _("Change %(thing)s: %(what)s.", thing=_document(c), what=_what(c))),
}


def words(change: Change) -> Words:
    return _WORDS.get(type(change)) or Words("pencil", "amber", str)


def sentence(change: Change) -> str:
    return words(change).sentence(change)


def work(step: impact.Step) -> str:
    """How it is carried out, and about how long that takes."""
    if step.work == impact.CONVERT:
        return _("Converts %(n)s rows in batches beside the work, then switches in an instant: about %(time)s.",
                 n=f"{step.rows:,}", time=about(step.seconds))
    if step.work == impact.INDEX:
        return _("Instant; an index over %(n)s rows is built afterwards while everybody works on: about %(time)s.",
                 n=f"{step.rows:,}", time=about(step.seconds))
    if step.work == impact.INSTANT:
        if isinstance(step.change, changes.AddField) and step.rows:
            return _("Instant: a new column, empty in the %(n)s records there are.", n=f"{step.rows:,}")
        return _("Instant: the table is held for less than a tenth of a second.")
    return _("Touches no table.")


def about(seconds: float) -> str:
    if seconds < 1.5:
        return _("a second")
    if seconds < 90:
        return _("%(n)s seconds", n=round(seconds))
    return _("%(n)s minutes", n=round(seconds / 60))
