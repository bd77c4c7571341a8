"""Changes in the reader's words: each with an icon, a tone, a sentence, and how publishing carries it out."""
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from builder import change_details, choices
from metadata import changes
from metadata.changes import Change
from metadata.definitions import Definitions
from metadata.model.module import Module
from runtime.kinds.kind import catalogue
from runtime.locale.reader import current
from runtime.locale.text import _, ngettext
from runtime.publish import impact

FEW = 12
"""So many changes are listed as they are; more of them by noun."""
Sentence = Callable[[Any, change_details.Names], str]


@dataclass(frozen=True)
class Words:
    icon: str
    tone: str
    sentence: Sentence


def _document(change: Any, names: change_details.Names) -> str:
    known = names.known
    document = change.document
    label, noun = choices.of_document(known, document), change_details.noun(document)
    home = known.modules.get(getattr(document, "module", ""))
    module = choices.of_module(known, home, "label") if home else getattr(change, "home", "")
    return (_("%(noun)s '%(label)s' of %(module)s", noun=noun, label=label, module=module) if module
            else _("%(noun)s '%(label)s'", noun=noun, label=label))


def _module(sentence: Callable[..., str]) -> Sentence:
    """A sentence about a module."""
    return lambda change, names: sentence(change, module=choices.of_module(names.known, change.module))


def _field(sentence: Callable[..., str]) -> Sentence:
    """A sentence about a field of a module."""
    return lambda change, names: sentence(change, field=choices.of_field(names.known, change.module, change.field),
                                          module=choices.of_module(names.known, change.module, "label"))


def _field_change(change: Any, names: change_details.Names) -> str:
    return _("Change field '%(field)s' of %(module)s: %(what)s.", field=choices.of_field(names.known, change.module, change.field),
             module=choices.of_module(names.known, change.module, "label"),
             what=change_details.differences(change.before, change.field, names))


def _type(name: str) -> str:
    known = catalogue()
    label = known.get("field_types", name).label if known.has("field_types", name) else name.replace("_", " ")
    return str(_(label)).lower()


_WORDS: dict[type[Change], Words] = {
    changes.AddModule: Words("plus", "green", _module(lambda c, module: ngettext(
        "Add module '%(module)s' with %(n)s field.", "Add module '%(module)s' with %(n)s fields.", len(c.module.fields),
        n=len(c.module.fields), module=module))),
    changes.RestoreModule: Words("restore", "green", _module(lambda c, module: _(
        "Bring back module '%(module)s' with its records.", module=module))),
    changes.RetireModule: Words("trash", "red", _module(lambda c, module: _(
        "Remove module '%(module)s' and its records.", module=module))),
    changes.RenameModule: Words("pencil", "violet", lambda c, names: _("Rename module '%(old)s' to '%(new)s'.", old=c.before.name,
                                                                       new=c.module.name)),
    changes.AddField: Words("plus", "green", _field(lambda c, field, module: _(
        "Add field '%(field)s' to %(module)s.", field=field, module=module))),
    changes.RestoreField: Words("restore", "green", _field(lambda c, field, module: _(
        "Bring back field '%(field)s' of %(module)s with its values.", field=field, module=module))),
    changes.RetireField: Words("trash", "red", _field(lambda c, field, module: _(
        "Remove field '%(field)s' from %(module)s, and what is in it.", field=field, module=module))),
    changes.RenameField: Words("pencil", "violet", _field(lambda c, field, module: _(
        "Rename field '%(old)s' of %(module)s to '%(new)s'.", old=c.before.name, new=c.field.name, module=module))),
    changes.ChangeFieldType: Words("arrows-right-left", "amber", _field(lambda c, field, module: _(
        "Change the type of '%(field)s' of %(module)s from %(old)s to %(new)s.", field=field, module=module,
        old=_type(c.before.type), new=_type(c.field.type)))),
    changes.ChangeField: Words("pencil", "amber", _field_change),
    changes.AddDocument: Words("plus", "green", lambda c, names: _("Add %(what)s.", what=_document(c, names))),
    changes.RetireDocument: Words("trash", "red", lambda c, names: _("Remove %(what)s.", what=_document(c, names))),
    changes.ChangeDocument: Words("pencil", "amber", lambda c, names: _(
        "Change %(thing)s: %(what)s.", thing=_document(c, names), what=change_details.differences(c.before, c.document, names))),
}


def words(change: Change) -> Words:
    return _WORDS.get(type(change)) or Words("pencil", "amber", lambda change, _names: str(change))


def sentence(change: Change, known: Definitions, before: Definitions | None = None) -> str:
    """known: the definitions whose translations say what things are called; before: those that still know what goes."""
    goes = isinstance(change, (changes.RetireModule, changes.RetireField, changes.RetireDocument))
    document = getattr(change, "document", None)
    home = getattr(change, "module", None) or (document if isinstance(document, Module)
                                               else known.modules.get(getattr(document, "module", "") or ""))
    return words(change).sentence(change, change_details.Names(before if goes and before is not None else known, home, before))


def told(listed: Sequence[Change], after: Definitions, before: Definitions) -> list[str]:
    """What lies between two states, a sentence each, in the reader's words."""
    return [sentence(each, after, before) for each in listed]


def planned(found: impact.Impact, after: Definitions, before: Definitions) -> list[str]:
    """What publishing would do, a sentence each; what merely follows a rename is summed up in the last."""
    steps = [" ".join((sentence(step.change, after, before), *moves(step))) for step in found.steps]
    return [*steps, ngettext("%(n)s thing that uses a renamed name follows.", "%(n)s things that use a renamed name follow.",
                             found.following, n=found.following)] if found.following else steps


def grouped(listed: Sequence[Change], after: Definitions, before: Definitions) -> list[dict[str, Any]]:
    """What happens as a page lists it: [{title, steps [{icon, tone, sentence}]}]; a handful without titles, more by noun."""
    held: dict[str, list[dict[str, Any]]] = {}
    for each in listed:
        said = words(each)
        held.setdefault(_heading(each) if len(listed) > FEW else "", []).append(
            {"icon": said.icon, "tone": said.tone, "sentence": sentence(each, after, before)})
    return [{"title": title, "steps": steps} for title, steps in held.items()]


def _heading(change: Change) -> str:
    if hasattr(change, "field"):
        return _("Fields")
    document = getattr(change, "document", None)
    if document is None:
        return _("Modules")
    return choices.nouns_of(document.folder)


def work(step: impact.Step) -> str:
    """How it is carried out, and about how long that takes."""
    if step.work == impact.CONVERT:
        told = _("Converts %(n)s rows in batches beside the work, then switches in an instant: about %(time)s.",
                 n=f"{step.rows:,}", time=about(step.seconds))
        if step.forecast is not None and step.forecast.at is not None:
            return f"{told} {_('Its values were checked at %(time)s.', time=current().datetime(step.forecast.at))}"
        return told
    if step.work == impact.INDEX:
        return _("Instant; an index over %(n)s rows is built afterwards while everybody works on: about %(time)s.",
                 n=f"{step.rows:,}", time=about(step.seconds))
    if step.work == impact.INSTANT:
        if isinstance(step.change, changes.AddField) and step.rows:
            return _("Instant: a new column, empty in the %(n)s records there are.", n=f"{step.rows:,}")
        return _("Instant: the table is held for less than a tenth of a second.")
    return _("Touches no table.")


def moves(step: impact.Step) -> list[str]:
    """What becomes of the records that hold a choice which another takes the place of; their own histories do not list it."""
    if step.forecast is None or step.forecast.moves is None:
        return []
    change = step.change
    labels = {each["value"]: each.get("label") or each["value"] for field in (change.field, change.before)
              for each in catalogue().get("field_types", field.type).stages(field)}
    told = [ngettext("%(n)s record gets '%(new)s' instead of '%(old)s'.", "%(n)s records get '%(new)s' instead of '%(old)s'.",
                     count, n=f"{count:,}", new=labels.get(new, new), old=labels.get(old, old))
            for (old, new), count in step.forecast.moves.items()]
    return [*told, _("Their own histories do not list it; going back to an earlier version gives them back what they held.")] \
        if told else [_("No record holds a value that is replaced.")]


def about(seconds: float) -> str:
    if seconds < 1.5:
        return _("a second")
    if seconds < 90:
        return _("%(n)s seconds", n=round(seconds))
    return _("%(n)s minutes", n=round(seconds / 60))
