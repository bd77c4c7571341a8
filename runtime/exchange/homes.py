"""Homes: which module the rows of a file belong in, where nobody said so."""
from collections.abc import Sequence
from pathlib import Path

from metadata.model.module import Module
from runtime.errors import Invalid, NotFound
from runtime.exchange import mapping as mappings
from runtime.exchange.reading import Sheet
from runtime.fields.dirt import folded
from runtime.locale.text import _
from runtime.security import policy
from runtime.tables.published import Published
from runtime.values import Actor


def possible(now: Published, actor: Actor) -> list[Module]:
    """Where this actor may import, in the order of the menu. Raises NotFound where that is nowhere."""
    found = [module for module in now.definitions.modules.values() if policy.may(actor, "import", module)]
    if not found:
        raise NotFound(_("You may not import into any module."))
    return sorted(found, key=lambda module: (module.position, module.name))


def guessed(now: Published, actor: Actor, modules: Sequence[Module], sheets: Sequence[Sheet], file: str) -> tuple[Module, float]:
    """The module whose fields most headings of a sheet name, and which part of them; one the file is called after comes first
    among equals. Raises Invalid where no heading names a field of any."""
    stem = folded(Path(file).stem)

    def fit(module: Module) -> tuple[float, bool]:
        part = max(mappings.called(now, actor, module, sheet) / len(sheet.headings) for sheet in sheets)
        return part, stem in (folded(module.name), folded(module.label), folded(module.plural))

    best = max(modules, key=fit)
    part, _named = fit(best)
    if not part:
        raise Invalid({"module": [_("The headings of this file name fields of no module. Say which module its rows belong in.")]})
    return best, round(part, 4)
