"""A package out of what is live: chosen modules with everything that belongs to them."""
from collections.abc import Collection, Mapping
from dataclasses import replace

from builder.ids import name_of
from metadata import package, scenarios
from metadata.definitions import Definitions
from metadata.errors import NotSound
from metadata.model.module import Module
from metadata.model.role import Role
from metadata.model.scenario import Scenario
from metadata.model.seed import Seed
from metadata.model.theme import Theme
from metadata.model.translation import Translation
from metadata.package import Package
from runtime.errors import Invalid
from runtime.locale.text import SOURCE, _
from runtime.publish import service


def of_modules(live: Definitions, chosen: Collection[str], *, label: str, name: str = "", version: str = "",
               roles: bool = False, theme: bool = False, samples: Mapping[str, bytes] | None = None) -> Package:
    """samples: {"deals.csv": bytes}. Raises Invalid: {"label", "modules", "": sentences}."""
    modules = [live.modules[each] for each in chosen if each in live.modules]
    if not label:
        raise Invalid({"label": [_("Say what the package is called.")]})
    if not modules:
        raise Invalid({"modules": [_("Choose at least one module.")]})
    names = {each.name for each in modules}
    kept = Definitions({path: each for path, each in live.documents.items()
                        if (each.name in names if isinstance(each, Module) else getattr(each, "module", None) in names)})
    known = {each.id for each in modules}
    spoken = [SOURCE]
    for each in live.documents.values():
        if isinstance(each, Translation):
            labels = {place: text for place, text in each.labels.items() if place.split(".")[1:2] and place.split(".")[1] in names}
            if labels:
                kept = kept.with_document(replace(each, labels=labels))
                spoken.append(each.name)
        elif roles and isinstance(each, Role) and known & each.modules.keys():
            only = {id: grant for id, grant in each.modules.items() if id in known}
            kept = kept.with_document(replace(each, builder=False, modules=only))
        elif theme and isinstance(each, Theme) and each.active:
            kept = kept.with_document(replace(each, active=False))          # who installs it chooses whether to wear it
    kept = _tested(live, kept, names)
    if problems := service.problems_of(kept):
        raise Invalid({"modules": [_("These modules do not stand alone; choose what they need as well. %(problem)s",
                                     problem=str(problem)) for problem in problems[:5]]})
    api_name = name or name_of(label, (), what="package")
    try:                                            # through the door others will read it by
        return package.read(package.pack(Package(Seed(id=f"seed_{api_name}", name=api_name, label=label[:120],
                                                      version=version or "1.0.0", languages=tuple(dict.fromkeys(spoken))), kept,
                                                 samples or {})))
    except NotSound as problem:
        raise Invalid({"": [str(each) for each in problem.problems[:5]]}) from None


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
