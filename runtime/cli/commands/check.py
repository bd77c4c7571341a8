"""Are these bundle folders sound? Each is checked together with what it extends; nothing is installed."""
from pathlib import Path

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("folder", nargs="+", type=Path, help="a bundle: a folder with seed.json")


def run(options) -> dict:
    found = {str(folder): problems(folder) for folder in options.folder if folder.is_dir()}
    return {"ok": not any(found.values()), "problems": found}


def problems(folder: Path) -> list[dict[str, str]]:
    """Those of one bundle, upon the seeds it extends (looked for beside it)."""
    raise NotImplementedError


def text(result: dict) -> str:
    lines = []
    for folder, some in result["problems"].items():
        lines.append(f"{folder}: {'sound' if not some else f'{len(some)} problems'}")
        lines += [f"  {problem['path']}: {problem['message']}" for problem in some]
    return "\n".join(lines)
