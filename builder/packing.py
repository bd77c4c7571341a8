"""A package out of what is live: chosen modules with everything that belongs to them."""
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from builder import leaning, place_words
from builder.ids import name_of
from metadata import package, scenarios
from metadata.definitions import Definitions
from metadata.errors import NotSound
from metadata.model.document import Document
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.model.scenario import Scenario
from metadata.model.seed import Seed
from metadata.model.theme import Theme
from metadata.model.translation import Translation
from metadata.package import Package
from runtime.errors import Invalid
from runtime.locale.text import SOURCE, _
from runtime.publish import packages as installed
from runtime.publish import proofs


def of_modules(live: Definitions, chosen: Collection[str], *, label: str, name: str = "", version: str = "",
               roles: bool = False, theme: bool = False, added: bool = False, samples: Mapping[str, bytes] | None = None,
               override: str = "") -> Package:
    """samples: {"deals.csv": bytes}. What the modules lean on of other packages is required, what was added there to lead to
    them is brought as an extension. added: of chosen modules that came with a package only what was added here.
    Raises Invalid: {"label", "modules", "": sentences}; Red unless override says why not."""
    modules = [live.modules[each] for each in chosen if each in live.modules]
    if not label:
        raise Invalid({"label": [_("Say what the package is called.")]})
    if not modules:
        raise Invalid({"modules": [_("Choose at least one module.")]})
    api_name = name or name_of(label, (), what="package")
    bundles = {other: each for other, each in installed.bundles().items() if other != api_name}
    theirs = {each.id for _seed, bundle in bundles.values() for each in bundle.documents.values()}
    grown = {each.name for each in modules if added and each.id in theirs}
    modules = [each for each in modules if each.name not in grown]
    names = {each.name for each in modules}
    kept = Definitions({path: each for path, each in live.documents.items()
                        if (each.name in names if isinstance(each, Module) else _belongs(each, names, grown, theirs))})
    known, spoken = {each.id for each in modules}, [SOURCE]
    for each in live.documents.values():
        if isinstance(each, Translation):
            labels = {place: text for place, text in each.labels.items() if _says(place, names, kept)}
            if labels:
                id = f"{each.id}_{api_name}"[:60] if each.id in theirs else each.id
                kept = kept.with_document(replace(each, labels=labels, id=id))
                spoken.append(each.name)
        elif roles and isinstance(each, Role) and known & each.modules.keys() and each.id not in theirs:
            only = {id: grant for id, grant in each.modules.items() if id in known}
            kept = kept.with_document(replace(each, builder=False, modules=only))
        elif theme and isinstance(each, Theme) and each.active:
            kept = kept.with_document(replace(each, active=False))          # who installs it chooses whether to wear it
    kept = _tested(live, kept, names | grown)
    ground = leaning.ground(live, kept, bundles, leaning.Grown(frozenset(grown), api_name, label[:80]))
    if not modules and not kept.documents and not ground.added:
        raise Invalid({"modules": [_("Nothing was added here to the modules you chose.")]})
    if ground.problems:
        raise Invalid({"modules": [_("These modules do not stand alone; choose what they need as well. %(problem)s",
                                     problem=place_words.told(live, problem)) for problem in ground.problems[:5]]})
    proofs.require(proofs.red(Definitions(), ground.whole, whole=True), override)
    kept = _spoken(live, kept, ground.added, api_name)
    spoken += [each.name for each in kept.of(Translation)]
    for each in ground.added:
        kept = kept.with_document(each)
    own = {file: content for file, content in (samples or {}).items() if Path(file).stem in names}
    seed = Seed(id=f"seed_{api_name}", name=api_name, label=label[:120], version=version or "1.0.0", requires=ground.requires,
                languages=tuple(dict.fromkeys(spoken)))
    try:                                            # through the door others will read it by
        return package.read(package.pack(Package(seed, kept, own)))
    except NotSound as problem:
        raise Invalid({"": [str(each) for each in problem.problems[:5]]}) from None


def _spoken(live: Definitions, kept: Definitions, added: Iterable[Document], name: str) -> Definitions:
    """With the words of what is brought for other packages' modules."""
    places = tuple(place for each in added for place in leaning.places(each))
    for theirs in live.of(Translation) if places else ():
        said = {place: text for place, text in theirs.labels.items() if place.startswith(places)}
        known = kept.translations.get(theirs.name)
        if known is not None:
            kept = kept.with_document(replace(known, labels={**known.labels, **said}))
        elif said:
            kept = kept.with_document(replace(theirs, labels=said, id=f"{theirs.id}_{name}"[:60]))
    return kept


def _says(place: str, names: Collection[str], kept: Definitions) -> bool:
    """Whether "views.deals.open.label" is about one of the modules, or about a document that is kept."""
    folder, module, document = (*place.split(".")[:3], "", "")[:3]
    return module in names or f"{folder}/{module}.{document}" in kept.documents


def _belongs(document: Document, names: Collection[str], grown: Collection[str], theirs: Collection[str]) -> bool:
    """To one of the modules; of one that only grew here, what came with no package."""
    home = getattr(document, "module", None)
    return home in names or (home in grown and document.id not in theirs)


def _tested(live: Definitions, kept: Definitions, names: Collection[str]) -> Definitions:
    """With every test that names nothing beyond what is kept, and what it is called in other languages."""
    granted = {role.id for role in kept.of(Role)}
    for each in live.of(Scenario):
        if scenarios.modules(each) <= set(names) and scenarios.roles(each) <= granted:
            kept = kept.with_document(each)
            for known in kept.of(Translation):
                theirs = live.translations.get(known.name)
                said = {place: text for place, text in theirs.labels.items() if place.startswith(f"scenarios.{each.name}.")} \
                    if theirs else {}
                if said:
                    kept = kept.with_document(replace(known, labels={**known.labels, **said}))
    return kept
