"""The command line: `crm COMMAND`, one file per command in `commands/`, each with a `--json` form for machines.

A command is a module with `arguments(parser)` and `run(options) -> dict` (what --json prints), and where a person should
read something else than its plain values, `text(result) -> str`. Its docstring is its help. A command that leaves the
embedded servers as they are says `SERVERS = False`.
"""
import argparse
import ast
import importlib
import logging
import pkgutil
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from metadata.errors import MetadataError
from runtime.cli import commands
from runtime.db import embedded
from runtime.db.engine import dumps
from runtime.errors import RuntimeProblem
from runtime.kinds.kind import UnknownKind

ROOT = Path(__file__).resolve().parents[2]
"""Where the repository lies: seeds/, wsgi.py, bench/."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 when it was refused, 2 for a wrong command line."""
    arguments = sys.argv[1:] if arguments is None else arguments
    options = _parser(arguments).parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(name)s: %(message)s")
    command = options.command
    if getattr(command, "SERVERS", True):
        embedded.stop_when_last()
    try:
        result = command.run(options) or {}
    except KeyboardInterrupt:
        return 130
    except RuntimeProblem as problem:
        return _refuse(options, problem.message, code=problem.code, errors=getattr(problem, "errors", None))
    except UnknownKind as problem:
        return _refuse(options, str(problem), code="unknown_kind")
    except MetadataError as problem:
        return _refuse(options, str(problem), code="not_sound",
                       errors={one.path: [one.message] for one in getattr(problem, "problems", ())})
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError) as problem:
        return _refuse(options, f"{problem.filename}: {problem.strerror}.", code="no_such_file")
    except sa.exc.OperationalError as problem:
        return _refuse(options, f"The database cannot be reached: {str(problem.orig).splitlines()[0]}",
                       code="unavailable")
    if options.json:
        print(dumps(result))
    elif text := getattr(command, "text", _plain)(result):
        print(text)
    return 0 if result.get("ok", True) else 1


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="crm", description="Run, fill, shape and look after a Banyan installation.")
    parser.add_argument("-v", "--verbose", action="store_true", help="say more about what happens")
    listed = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    files = {found.name.rstrip("_").replace("_", "-"): found.name for found in pkgutil.iter_modules(commands.__path__)}
    asked = [name for name in arguments if name in files][:1]
    for name in asked:                              # only the one that is asked for is imported
        command = importlib.import_module(f"{commands.__name__}.{files[name]}")
        one = listed.add_parser(name, help=command.__doc__.split("\n", 1)[0], description=command.__doc__)
        one.add_argument("--json", action="store_true", help="answer in JSON")
        one.set_defaults(command=command)
        command.arguments(one)
    for name in () if asked else files:
        source = Path(commands.__path__[0], f"{files[name]}.py").read_text()
        listed.add_parser(name, help=ast.get_docstring(ast.parse(source)).split("\n", 1)[0])
    return parser


def _plain(result: dict[str, Any]) -> str:
    return "\n".join(f"{name.replace('_', ' ')}: {value}" for name, value in result.items() if name != "ok")


def _refuse(options: argparse.Namespace, message: str, *, code: str, errors: Any = None) -> int:
    if options.json:
        print(dumps({"ok": False, "error": code, "message": message, **({"errors": errors} if errors else {})}))
        return 1
    print(message, file=sys.stderr)
    for field, sentences in (errors or {}).items():
        for sentence in sentences:
            print(f"  {field or '·'}: {sentence}", file=sys.stderr)
    return 1
