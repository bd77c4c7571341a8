"""Are these bundle folders sound? Each is checked together with what it extends; nothing is installed."""
from pathlib import Path

from metadata import bundle, check
from metadata.definitions import Definitions
from metadata.errors import NotSound, Problem
from runtime.kinds.kind import catalogue

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("folder", nargs="+", type=Path, help="a bundle: a folder with seed.json")


def run(options) -> dict:
    found = {str(folder): problems(folder) for folder in options.folder if folder.is_dir()}
    return {"ok": not any(found.values()), "problems": found}


def problems(folder: Path) -> list[dict[str, str]]:
    """Those of one bundle, laid over the bundles it extends (looked for beside it)."""
    try:
        found = check.problems(_laid(folder, ()), catalogue())
    except NotSound as problem:
        found = problem.problems
    return [{"path": one.path, "message": one.message} for one in found]


def _laid(folder: Path, above: tuple[str, ...]) -> Definitions:
    manifest, own = bundle.manifest(folder), bundle.read(folder)
    below = Definitions.of_documents(())
    for name in manifest.extends if manifest else ():
        if name in above:
            raise NotSound([Problem("seed.json", f"It extends itself by way of '{name}'.")])
        if not (folder.parent / name).is_dir():
            raise NotSound([Problem("seed.json", f"It extends '{name}', which does not lie beside it.")])
        below = _laid(folder.parent / name, (*above, folder.name)).onto(below)
    return own.onto(below)


def text(result: dict) -> str:
    lines = []
    for folder, some in result["problems"].items():
        lines.append(f"{folder}: {'sound' if not some else f'{len(some)} problems'}")
        lines += [f"  {problem['path']}: {problem['message']}" for problem in some]
    return "\n".join(lines)
