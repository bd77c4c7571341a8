"""Packages: installed, upgraded by a three-way merge, taken out again; each first as a plan that touches nothing.

A package brings roles but gives them to nobody. What it would allow, reach or send must be agreed to by name.
"""
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from metadata import overlay, package, store
from metadata.definitions import Definitions
from metadata.errors import NotSound, Problem
from metadata.merge import MISSING, Conflict, edits, merge
from metadata.model.seed import Seed
from metadata.package import Package
from runtime.db.transaction import reading
from runtime.errors import Invalid, NotFound, Refused
from runtime.kinds.kind import catalogue
from runtime.locale.text import _
from runtime.publish import proofs, service
from runtime.publish.asks import Ask, asks
from runtime.publish.service import Plan
from runtime.values import Actor

INSTALL, UPGRADE, AGAIN, UNINSTALL = "install", "upgrade", "again", "uninstall"


@dataclass(frozen=True)
class PackagePlan:
    """What would happen. kept: paths that stay though the package goes; red: scenarios that fail; version: what was published."""
    act: str
    manifest: Seed
    plan: Plan | None = None
    problems: tuple[Problem, ...] = ()
    asks: tuple[Ask, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    kept: tuple[str, ...] = ()
    before: str = ""
    samples: int = 0
    package: Package | None = None
    red: tuple[Problem, ...] = ()
    version: int | None = None

    @property
    def ok(self) -> bool:
        return not self.problems

    @property
    def sentences(self) -> list[str]:
        return self.plan.sentences if self.plan and not self.problems else []

    def to_json(self) -> dict[str, Any]:
        """For machines: the API and --json."""
        return {
            "ok": self.ok, "act": self.act, "package": self.manifest.name, "package_version": self.manifest.version,
            "installed_version": self.before or None, "plan": self.sentences, "samples": self.samples, "kept": list(self.kept),
            "problems": [{"path": each.path, "message": each.message} for each in self.problems],
            "asks": [{"key": each.key, "kind": each.kind, "path": each.path, "subject": each.subject, "message": each.sentence}
                     for each in self.asks],
            "conflicts": [{"key": each.key, "path": each.path, "place": each.place, "chosen": each.chosen,
                           **{side: None if value is MISSING else value for side, value in
                              (("base", each.base), ("ours", each.ours), ("theirs", each.theirs))}} for each in self.conflicts],
            "red": [{"path": each.path, "message": each.message} for each in self.red],
            "version": self.version}


@dataclass(frozen=True)
class Own:
    """A property that is otherwise here than in the package. value: as it is here, MISSING where it was taken away."""
    path: str
    place: str
    value: Any


@dataclass(frozen=True)
class Standing:
    """An installed package. own: what was changed here; parts: how many documents it brought."""
    manifest: Seed
    installed_at: datetime
    at: datetime
    actor_id: int | None
    fingerprint: str
    parts: int
    own: tuple[Own, ...]


@dataclass(frozen=True)
class _Here:
    number: int
    live: Definitions
    installed: Mapping[str, store.Installed]
    bundles: Mapping[str, Definitions]

    @property
    def manifests(self) -> dict[str, Seed]:
        return {name: each.manifest for name, each in self.installed.items()}

    def others(self, name: str) -> list[Definitions]:
        return [bundle for other, bundle in self.bundles.items() if other != name]


def listed() -> list[Standing]:
    """In the order they were installed."""
    here = _look()
    return [_standing(here, name) for name in here.installed]


def bundles() -> dict[str, tuple[Seed, Definitions]]:
    """{name: (manifest, documents)} of what is installed, as it was laid down, in the order it was."""
    here = _look()
    return {name: (each.manifest, here.bundles[name]) for name, each in here.installed.items()}


def standing(name: str) -> Standing:
    """Raises NotFound."""
    here = _look()
    _require(here, name)
    return _standing(here, name)


def check(content: bytes | Package, choices: Mapping[str, str] | None = None) -> PackagePlan:
    """The plan of installing or upgrading. choices: {conflict key: "ours" or "theirs"}. Raises Invalid for what is no package."""
    given = content if isinstance(content, Package) else opened(content)
    here, own = _look(), given.manifest
    stands = here.installed.get(own.name)
    act = INSTALL if stands is None else AGAIN if stands.manifest.version == own.version else UPGRADE
    made = PackagePlan(act, own, before=stands.manifest.version if stands else "", samples=len(given.samples), package=given)
    if problems := package.check_versions(given, here.manifests):
        return replace(made, problems=tuple(problems))
    try:
        base, theirs = overlay.sides(here.live, here.bundles.get(own.name, overlay.NONE), given.definitions, here.others(own.name))
    except NotSound as problem:
        return replace(made, problems=tuple(problem.problems))
    merged = merge(base, here.live, theirs, catalogue=catalogue(), choices=choices)
    planned = service.plan(merged.definitions)
    return replace(made, plan=planned, problems=planned.problems, asks=asks(here.live, merged.definitions),
                   conflicts=merged.conflicts)


def install(actor: Actor, content: bytes | Package, *, dry_run: bool = False, agreed: Collection[str] | None = (),
            choices: Mapping[str, str] | None = None, note: str = "", override: str = "",
            proved: Callable[[], None] | None = None) -> PackagePlan:
    """Install a package, or upgrade the one that is here. agreed: keys of its asks, None for all of them; proved: called
    when its tests have run.

    A red scenario refuses, unless override says why not. Raises Invalid with every problem, Red with every test that fails,
    Refused where something was not agreed to, Conflict when somebody published meanwhile.
    """
    service.require(actor)
    made = check(content, choices)
    if dry_run:
        return _proved(made)
    require(actor, made, agreed)
    made = _proved(made)
    passed_over = proofs.require(made.red, override)
    if proved:
        proved()
    said = note or _("Package %(name)s %(version)s.", name=made.manifest.label, version=made.manifest.version)
    number = service.publish(actor, made.plan.definitions, base=made.plan.base, note=proofs.noted(said, passed_over),
                             seed=(made.manifest, made.package.definitions), proven=True)
    return replace(made, version=number)


def require(actor: Actor, made: PackagePlan, agreed: Collection[str] | None) -> None:
    """That this plan may be carried out by this person, who agreed to this. Raises Invalid, Refused."""
    service.require(actor)
    _refuse(made)
    if agreed is not None and (missing := [each for each in made.asks if each.key not in agreed]):
        raise Refused(_("Agree to what the package asks for first: %(ask)s", ask=missing[0].sentence))


def uninstall(actor: Actor, name: str, *, dry_run: bool = False, override: str = "") -> PackagePlan:
    """Take out what nobody changed; what was changed here stays. Raises NotFound, Invalid, Red, Refused."""
    service.require(actor)
    here = _look()
    _require(here, name)
    manifest = here.installed[name].manifest
    made = PackagePlan(UNINSTALL, manifest, before=manifest.version)
    users = [other.label for other in here.manifests.values() if name in other.needs]
    if users:
        made = replace(made, problems=(Problem("seed.json", _("'%(other)s' needs this package. Uninstall that one first.",
                                                             other=users[0])),))
    else:
        left, kept = overlay.lifted(here.live, here.bundles[name], here.others(name))
        planned = service.plan(left)
        made = _proved(replace(made, plan=planned, problems=planned.problems, kept=kept))
    if dry_run:
        return made
    _refuse(made)
    said = _("Package %(name)s uninstalled.", name=manifest.label)
    number = service.publish(actor, made.plan.definitions, base=made.plan.base, seed=(manifest, None), proven=True,
                             note=proofs.noted(said, proofs.require(made.red, override)))
    return replace(made, version=number)


def opened(content: bytes) -> Package:
    """Raises Invalid: {file in the package: sentences}."""
    try:
        return package.read(content)
    except NotSound as problem:
        raise Invalid(_by_file(problem.problems), f"{problem.problems[0]}") from None


def _proved(made: PackagePlan) -> PackagePlan:
    """With what its tests and everybody else's say once it is in, or out."""
    if made.problems or made.plan is None:
        return made
    return replace(made, red=tuple(proofs.red(Definitions(), made.plan.definitions, whole=True)))


def _refuse(made: PackagePlan) -> None:
    if made.problems:
        raise Invalid(_by_file(made.problems), str(made.problems[0]))


def _look() -> _Here:
    with reading(snapshot=True) as connection:
        number, live = store.published(connection)
        installed = store.installed(connection)
        return _Here(number, live, installed, {name: _bundle(connection, name) for name in installed})


def _bundle(connection: sa.Connection, name: str) -> Definitions:
    return store.seed(connection, name) or Definitions()


def _require(here: _Here, name: str) -> None:
    if name not in here.installed:
        known = ", ".join(here.installed) or _("none")
        raise NotFound(_("There is no package '%(name)s' installed. Installed: %(known)s.", name=name[:60], known=known))


def _standing(here: _Here, name: str) -> Standing:
    stands, bundle = here.installed[name], here.bundles[name]
    try:
        base, _theirs = overlay.sides(here.live, bundle, bundle, here.others(name))
    except NotSound:                                # what it extends is gone: nothing of it can be compared
        base = Definitions()
    now = {each.id: each for each in here.live.documents.values()}
    brought = {each.id for each in bundle.documents.values()}
    own: list[Own] = []
    for path, document in base.documents.items():
        live = now.get(document.id)
        if live is document:
            continue
        if live is None:
            own.append(Own(path, "", MISSING))
        else:
            shown = overlay.alone(live, path, here.others(name)) if document.id in brought else live
            own += [Own(live.path, place, value) for place, value in edits(document.to_json(), shown.to_json())]
    return Standing(stands.manifest, stands.installed_at, stands.at, stands.actor_id, stands.fingerprint,
                    len(bundle.documents), tuple(own))


def _by_file(problems: Sequence[Problem]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in problems:
        found.setdefault(each.path, []).append(each.message)
    return found
