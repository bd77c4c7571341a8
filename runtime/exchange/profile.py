"""A profile: a whole export of another system, file after file by the import maps made for it; its people first."""
import fnmatch
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metadata.model.import_map import ImportMap
from runtime.errors import NotFound, Refused, RuntimeProblem
from runtime.exchange import mapping as mappings
from runtime.exchange import reading, service
from runtime.locale.text import _
from runtime.security import users
from runtime.tables import published
from runtime.values import Actor

TABLES = (".csv", ".xlsx", ".tsv", ".txt")
Report = dict[str, Any]


def take(actor: Actor, profile: str, folder: Path, *, tell: Callable[[Report], None] | None = None) -> list[Report]:
    """A folder of files by the maps of a profile, in their order. Files no map knows are named and left alone."""
    now = published.refresh()
    maps = sorted(now.definitions.import_maps(profile), key=lambda known: (known.order, known.name))
    if not maps:
        raise NotFound(_("There is no import profile '%(name)s'.", name=profile))
    left = sorted(file for file in folder.iterdir() if file.is_file() and file.suffix.lower() in TABLES)
    results: list[Report] = []
    for known in maps:
        for file in [file for file in left if any(fnmatch.fnmatch(file.name.lower(), pattern.lower()) for pattern in known.files)]:
            left.remove(file)
            results.append(_one(actor, known, file))
            if tell:
                tell(results[-1])
    for file in left:
        results.append(_not_taken(file, None, "refused", _("No import map of this profile knows this file.")))
        if tell:
            tell(results[-1])
    return results


def _one(actor: Actor, known: ImportMap, file: Path) -> Report:
    if known.refuse:
        return _not_taken(file, known.module or None, "refused", known.refuse)
    try:
        if known.users:
            return _people(actor, known, file)
        return service.import_file(actor, file, known.module, mapping=mappings.of_map(known))
    except RuntimeProblem as problem:
        return _not_taken(file, known.module or None, "failed", problem.message)


def _not_taken(file: Path, module: str | None, state: str, reason: str) -> Report:
    return {"file": file.name, "module": module, "state": state, "rows": 0, "reason": reason}


def _people(actor: Actor, known: ImportMap, file: Path) -> Report:
    """People of another system as inactive accounts: they may own records, and nobody can log in as them."""
    if not actor.everything:
        raise Refused(_("Only an administrator may add users."))
    headings = reading.sheet(file).headings
    at = {target.path: headings.index(heading) for heading, targets in mappings.of_map(known).columns.items()
          if heading in headings for target in targets}
    counts = {"created": 0, "unchanged": 0, "skipped": 0}
    with reading.rows(file) as lines:
        next(lines)
        for line in lines:
            cells = reading.fitted(line, len(headings))
            name = cells[at["name"]].strip() if "name" in at else ""
            email = cells[at["email"]].strip() if "email" in at else ""
            if not (email or name):
                counts["skipped"] += 1
            elif users.find(email or name):
                counts["unchanged"] += 1
            else:
                users.create(email or name, email=email or None, full_name=name or email, active=False)
                counts["created"] += 1
    return {"file": file.name, "module": "users", "state": "done", "rows": sum(counts.values()),
            **dict.fromkeys(service.COUNTERS, 0), **counts, "reasons": [], "error_file": None}
