"""`make new kind=actions name=send_postcard room=channels`, or `make new room=weather`: the first file of a new thing."""
import inspect
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from runtime.kinds import kind  # noqa: E402 - the path must be set first

HOMES = {"field_types": "fields", "view_kinds": "records", "export_formats": "records", "charts": "analytics",
         "measures": "analytics", "channels": "channels"}

KIND = '''"""{title}: say here, in one line, what it does."""
from {contract_module} import {contract}


class {class_name}({contract}):
    name = "{name}"
    label = "{title}"
{members}'''

TEST = '''"""{title}, from the outside."""
from {module} import {class_name}


def test_{name}_is_named_as_its_file_is():
    assert {class_name}().name == "{name}"
'''

ROOM = '''"""{title}: say here, in one paragraph, what this room is for."""
'''


def main(family: str, name: str, room: str) -> str:
    """The files made, one per line; exits with a sentence when it cannot be."""
    if room and not family:
        return new_room(room)
    if not family or not name:
        sys.exit("make new kind=FAMILY name=NAME room=ROOM, or make new room=NAME. Families: " + ", ".join(contracts()))
    return new_kind(family, name, room or HOMES.get(family, ""))


def contracts() -> dict[str, type]:
    """{family: its contract class} of every file in runtime/kinds."""
    kind._families()
    return {one.family: one for one in kind.Kind.__subclasses__() if one.__module__.startswith("runtime.kinds.")}


def new_kind(family: str, name: str, room: str) -> str:
    known = contracts()
    if family not in known:
        sys.exit(f"There is no family '{family}'. Families: {', '.join(sorted(known))}.")
    if not room:
        sys.exit(f"In which room? make new kind={family} name={name} room=…")
    _check(name)
    folder = ROOT / "runtime" / room / family
    contract = known[family]
    words = {"name": name, "title": name.replace("_", " ").capitalize(), "contract": contract.__name__,
             "contract_module": contract.__module__, "class_name": "".join(word.title() for word in name.split("_")),
             "module": ".".join(("runtime", *room.split("/"), family, name)), "members": _members(contract)}
    return _write({folder / f"{name}.py": KIND.format(**words),
                   ROOT / "tests" / "runtime" / room / family / f"test_{name}.py": TEST.format(**words)}, folder)


def new_room(name: str) -> str:
    _check(name.split("/")[-1])
    folder = ROOT / "runtime" / name
    title = name.split("/")[-1].replace("_", " ").capitalize()
    made = _write({folder / "__init__.py": ROOM.format(title=title),
                   folder / "service.py": f'"""The verbs of {title.lower()}; the actor comes first."""\n'}, folder)
    return made + "\nNow put it on the floor plan in pyproject.toml; `make check` will insist."


def _members(contract: type) -> str:
    """The methods that must be written: those of the contract that only raise NotImplementedError."""
    must = [method for method in vars(contract).values()
            if inspect.isfunction(method) and "NotImplementedError" in method.__code__.co_names]
    return "".join(f"\n    def {method.__name__}({', '.join(inspect.signature(method).parameters)}):\n"
                   f"        raise NotImplementedError\n" for method in must)


def _check(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        sys.exit(f"'{name}' is no api name: lower-case letters, digits and _, at most 40, a letter first.")


def _write(files: dict[Path, str], folder: Path) -> str:
    for file in files:
        if file.exists():
            sys.exit(f"{file.relative_to(ROOT)} is there already.")
    for file, content in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    package = folder / "__init__.py"
    if not package.exists():
        package.write_text(f'"""{folder.name.replace("_", " ").capitalize()} of this room, one file each."""\n')
    return "\n".join(str(file.relative_to(ROOT)) for file in files)


if __name__ == "__main__":
    print(main(*[*sys.argv[1:], "", "", ""][:3]))
