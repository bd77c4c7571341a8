"""The draft an admin works on: what it holds, what it changes, and its next step, back, again.

Pages change it by `change`, which hands the definitions to a function and keeps what it answers with. No table is touched.
"""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from metadata import drafts, store
from metadata.changes import Change, between
from metadata.definitions import Definitions, read_document
from metadata.errors import NotSound, Problem
from metadata.merge import Merged, merge
from metadata.model.document import Document
from metadata.rename import carried
from runtime.db import clock
from runtime.db.transaction import reading, transaction
from runtime.errors import Invalid, NotFound
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.publish import jobs, service
from runtime.security import policy
from runtime.values import HOUSE, Actor

Edit = Callable[[Definitions], Definitions]


@dataclass(frozen=True)
class Draft:
    """What somebody works on; without any work, what is live.

    name: the branch, "" for one's own work. origin: what was live when it was begun (version `base`); live: what is now
    (version `number`). done, undone: sentences of the steps to take back and to do again, the next one last.
    """
    name: str
    base: int
    number: int
    origin: Definitions
    live: Definitions
    definitions: Definitions
    nouns: Mapping[str, Any]
    at: datetime | None = None
    done: tuple[str, ...] = ()
    undone: tuple[str, ...] = ()

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """From where it was begun to where it is."""
        return tuple(between(self.origin, self.definitions, self.nouns))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What keeps it from being published."""
        return tuple(service.problems_of(self.definitions))

    @property
    def begun(self) -> bool:
        return self.at is not None

    @property
    def behind(self) -> bool:
        """Somebody published since it was begun."""
        return self.begun and self.base != self.number


def current(actor: Actor, name: str | None = None) -> Draft:
    """name: a branch of one's own, "" for one's own draft; without it, the one this person works on."""
    with reading(snapshot=True) as connection:
        return _held(connection, actor, _desk(connection, actor, name))


def of_branch(owner_id: int, name: str) -> Draft:
    """Anybody's branch, to look at or to take over. Raises NotFound."""
    with reading(snapshot=True) as connection:
        if drafts.load(connection, owner_id, name) is None:
            raise NotFound(_("There is no branch '%(name)s'.", name=name))
        return _held(connection, replace(HOUSE, user_id=owner_id), name)


def change(actor: Actor, sentence: str, edit: Edit, name: str | None = None) -> Draft:
    """One step further: what `edit` makes of the definitions, with renames carried into whatever uses the old name.

    sentence: what the step does ("Add field 'Area' to Property."), for undo. A step that changes nothing is none.
    Raises what `edit` raises; NotSound from it becomes Invalid.
    """
    with transaction() as tx:
        name = _alone(tx.connection, actor, name)
        held = _held(tx.connection, actor, name)
        try:
            edited = edit(held.definitions)
        except NotSound as problem:
            raise invalid(problem) from None
        after = carried(held.definitions, edited, catalogue())
        if after != held.definitions:
            policy.require_build(actor, touched(held.definitions, after))
            drafts.keep(tx.connection, actor.user_id, held.definitions, after, base=held.base, sentence=sentence, at=clock.now(),
                        name=name)
            _called_off(tx.connection, actor, name)
        return _held(tx.connection, actor, name)


def rebase(actor: Actor, choices: Mapping[str, str], name: str | None = None) -> Merged:
    """Onto what is live now: its changes and the draft's, brought together as one step that can be taken back.

    choices: {conflict key: "ours" (the draft) or "theirs" (what is live)}.
    """
    with transaction() as tx:
        name = _alone(tx.connection, actor, name)
        held = _held(tx.connection, actor, name)
        merged = brought_together(held, choices)
        if held.behind:
            drafts.keep(tx.connection, actor.user_id, held.definitions, merged.definitions, base=held.base, onto=held.number,
                        sentence=_("Bring together with version %(number)s.", number=held.number), at=clock.now(), name=name)
            _called_off(tx.connection, actor, name)
    return merged


def brought_together(draft: Draft, choices: Mapping[str, str] | None = None) -> Merged:
    """The draft and what is live, over the version the draft was begun on."""
    return merge(draft.origin, draft.definitions, draft.live, catalogue=catalogue(), choices=choices)


def touched(before: Definitions, after: Definitions) -> set[str]:
    """Folders of the documents that are not the same in both."""
    paths = before.documents.keys() | after.documents.keys()
    return {path.partition("/")[0] for path in paths if before.documents.get(path) != after.documents.get(path)}


def undo(actor: Actor, name: str | None = None) -> str | None:
    """Take the last step back; its sentence, None where there was none."""
    with transaction() as tx:
        name = _alone(tx.connection, actor, name)
        taken = drafts.undo(tx.connection, actor.user_id, at=clock.now(), name=name)
        if taken is not None:
            _called_off(tx.connection, actor, name)
        return taken


def redo(actor: Actor, name: str | None = None) -> str | None:
    """Do again what was taken back; its sentence, None where there was nothing."""
    with transaction() as tx:
        name = _alone(tx.connection, actor, name)
        taken = drafts.redo(tx.connection, actor.user_id, at=clock.now(), name=name)
        if taken is not None:
            _called_off(tx.connection, actor, name)
        return taken


def drop(actor: Actor, name: str | None = None) -> None:
    """Give the draft up: what is live is what there is again."""
    with transaction() as tx:
        name = _desk(tx.connection, actor, name)
        jobs.call_off(tx.connection, actor.user_id, name, "", told=True)
        drafts.drop(tx.connection, actor.user_id, name)


def published(actor: Actor, draft: Draft) -> None:
    """It is live now, so it goes; unless somebody went on working in it meanwhile, who keeps it and brings both together."""
    with transaction() as tx:
        name = _alone(tx.connection, actor, draft.name)
        if _held(tx.connection, actor, name).definitions == draft.definitions:
            drafts.drop(tx.connection, actor.user_id, name)


def document(path: str, content: Mapping[str, Any]) -> Document:
    """A document from JSON. Raises Invalid: {place inside the document ("settings.choices.0.value"): sentences}."""
    try:
        return read_document(path, content)
    except NotSound as problem:
        raise invalid(problem) from None


def invalid(problem: NotSound) -> Invalid:
    """Each problem by its place inside its document, "" for the whole of it."""
    return Invalid(by_place(problem.problems))


def by_place(problems: Any) -> dict[str, list[str]]:
    """{place inside the document: sentences}."""
    found: dict[str, list[str]] = {}
    for each in problems:
        found.setdefault(each.path.partition("#")[2], []).append(each.message)
    return found


def _called_off(connection: sa.Connection, actor: Actor, name: str) -> None:
    """A publishing planned for a draft is of that very step; another step calls it off."""
    jobs.call_off(connection, actor.user_id, name, _("The draft was changed after the time was set."))


def _held(connection: sa.Connection, actor: Actor, name: str) -> Draft:
    number, live = store.published(connection)
    kept = drafts.load(connection, actor.user_id, name)
    nouns = {id: known.document for id, known in store.retired(connection).items() if known.document and not known.purged}
    if kept is None:
        return Draft(name, number, number, live, live, live, nouns)
    origin = live if kept.base == number else store.at(connection, kept.base)
    return Draft(name, kept.base, number, origin, live, kept.definitions, nouns, kept.at, kept.done, kept.undone)


def _desk(connection: sa.Connection, actor: Actor, name: str | None) -> str:
    return drafts.desk(connection, actor.user_id) if name is None else name


def _alone(connection: sa.Connection, actor: Actor, name: str | None) -> str:
    """One step of a draft at a time, also where it has no row yet to lock. Its name."""
    name = _desk(connection, actor, name)
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext('house.metadata_draft'), hashtext(:key))"),
                       {"key": f"{actor.user_id}/{name}"})
    return name
