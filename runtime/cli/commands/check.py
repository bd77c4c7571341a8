"""Are these bundle folders sound? Each is checked together with what it extends; nothing is installed.

--tidy first rewrites the files in their canonical form.
"""
from pathlib import Path

from metadata import bundle
from metadata.errors import NotSound
from runtime.publish import problems_of_folder

SERVERS = False


def arguments(parser) -> None:
    parser.add_argument("folder", nargs="+", type=Path, help="a bundle: a folder with seed.json")
    parser.add_argument("--tidy", action="store_true", help="rewrite the files in canonical form")


def run(options) -> dict:
    rewritten = []
    for folder in options.folder if options.tidy else ():
        try:
            rewritten += [f"{folder}/{file}" for file in bundle.tidy(folder)]
        except NotSound:
            pass                                    # told below
    found = {str(folder): [{"path": one.path, "message": one.message} for one in problems_of_folder(folder)]
             for folder in options.folder}
    return {"ok": not any(found.values()), "problems": found, "rewritten": rewritten}


def text(result: dict) -> str:
    lines = [f"Rewritten: {file}" for file in result["rewritten"]]
    for folder, some in result["problems"].items():
        lines.append(f"{folder}: {'sound' if not some else f'{len(some)} problems'}")
        lines += [f"  {problem['path']}: {problem['message']}" for problem in some]
    return "\n".join(lines)
