"""Everything the catalogue holds: family, name and the file it lies in."""
from pathlib import Path

from runtime.kinds.kind import catalogue

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("family", nargs="?", help="only this family")


def run(options) -> dict:
    return {"kinds": [{"family": family, "name": name, "file": file} for family, name, file in catalogue().listing()
                      if options.family in (None, family)]}


def text(result: dict) -> str:
    here = Path.cwd()
    return "\n".join(f"{kind['family']:<16} {kind['name']:<24} {_short(kind['file'], here)}" for kind in result["kinds"])


def _short(file: str, here: Path) -> str:
    return str(Path(file).relative_to(here)) if Path(file).is_relative_to(here) else file
