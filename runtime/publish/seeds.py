"""Bundles from a folder onto what is live: `crm publish FOLDER` and `crm seed` are the same act."""
from collections.abc import Callable
from pathlib import Path

from metadata import bundle, store
from metadata.definitions import Definitions
from metadata.errors import NotSound, Problem
from metadata.model.seed import Seed
from runtime.db.transaction import reading
from runtime.errors import Conflict, Invalid
from runtime.locale.text import _
from runtime.publish.service import problems_of, publish
from runtime.values import Actor


def of_folder(folder: Path | str) -> tuple[Definitions, tuple[Seed, Definitions] | None]:
    """(the whole set with the bundle laid over what is live, the bundle itself where it has a seed.json).

    What the bundle held when it was laid down last and no longer holds goes; what others added stays. A folder without
    seed.json only adds and changes. Raises Invalid with every problem, Conflict where a bundle it extends is missing.
    """
    try:
        manifest, own = bundle.manifest(folder), bundle.read(folder)
        with reading() as connection:
            _number, live = store.published(connection)
            base = store.seed(connection, manifest.name) if manifest else None
            installed = store.seeds(connection)
        if manifest and (missing := [name for name in manifest.needs if name not in installed]):
            raise Conflict(_("%(label)s needs the bundle '%(name)s' first. Install it: crm seed %(name)s.", label=manifest.label,
                             name=missing[0]))
        return own.onto(live, base), (manifest, own) if manifest else None
    except NotSound as problem:
        raise Invalid(_told(problem)) from None


def problems_of_folder(folder: Path | str) -> list[Problem]:
    """What keeps a bundle from being published upon the bundles it extends, looked for beside it. Needs no database."""
    try:
        return problems_of(with_extended(Path(folder)))
    except NotSound as problem:
        return list(problem.problems)


def with_extended(folder: Path, above: tuple[str, ...] = ()) -> Definitions:
    """A bundle laid over the bundles it extends, looked for beside it. Raises NotSound."""
    manifest = bundle.manifest(folder)
    made = Definitions()
    for name in manifest.needs if manifest else ():
        if name in above or not (folder.parent / name).is_dir():
            raise NotSound([Problem("seed#extends", _("It extends itself in the end: '%(name)s'.", name=name) if name in above
                                    else _("There is no such folder beside this one: '%(name)s'.", name=name))])
        made = with_extended(folder.parent / name, (*above, folder.name)).onto(made)
    return bundle.read(folder).onto(made)


def install_seed(actor: Actor, folder: Path | str, samples: bool = False, *,
                 take_samples: Callable[[Actor, Path], None] | None = None, note: str = "") -> int:
    """Publish a bundle, and its sample records where asked. take_samples: how (the exchange room's way in)."""
    folder = Path(folder)
    definitions, seed = of_folder(folder)
    said = _("Package %(name)s %(version)s.", name=seed[0].label, version=seed[0].version) if seed else ""
    number = publish(actor, definitions, note=note or said, seed=seed)
    if samples and take_samples is not None and (folder / "records").is_dir():
        take_samples(actor, folder / "records")
    return number


def _told(problem: NotSound) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in problem.problems:
        found.setdefault(each.path, []).append(each.message)
    return found
