"""Export a module's records as a view shows them, or with --definitions the published definitions as a bundle folder."""
import sys
from pathlib import Path

from metadata import bundle
from runtime.cli.ready import actor, add_argument, ready
from runtime.errors import Invalid
from runtime.kinds.kind import catalogue
from runtime.locale import reader
from runtime.records import export, list_state, shown
from runtime.security import policy
from runtime.tables import published


def arguments(parser) -> None:
    parser.add_argument("module", nargs="?", help="the module's api name")
    parser.add_argument("--view", help="the view that says which records and columns (default: the module's first)")
    parser.add_argument("--columns", help="other columns, by commas: name,account.industry,amount")
    parser.add_argument("--format", default="csv", help="csv, xlsx, json …: a kind of the family export_formats")
    parser.add_argument("--out", type=Path, help="the file to write (default: MODULE.FORMAT here; - for standard output)")
    parser.add_argument("--definitions", type=Path, metavar="FOLDER", help="write modules, layouts, views … as JSON files")
    add_argument(parser)


def run(options) -> dict:
    ready()
    if options.definitions:
        changed = bundle.write(published.current().definitions, options.definitions)
        return {"folder": str(options.definitions), "version": published.current().number, "changed": changed}
    if not options.module:
        raise Invalid({"module": ["Name a module, or --definitions FOLDER."]})
    who, now = actor(options), published.current()
    module = now.module(options.module)
    policy.require(who, "export", module)
    asked = {name: value for name in ("view", "columns") if (value := getattr(options, name))}
    state = list_state.read(now, who, module, asked)
    fields = [shown.field(now, who, module, path) for path in state.shown_columns]
    kind = catalogue().get("export_formats", options.format)
    own = reader.reader(who.language, who.time_zone)
    out = options.out or Path(f"{module.name}.{kind.extension}")
    if str(out) == "-":
        export.write(who, kind, sys.stdout.buffer, state.query(), fields, own)
        raise SystemExit(0)
    with open(out, "w+b") as target:
        return {"file": str(out), "rows": export.write(who, kind, target, state.query(), fields, own)}


def text(result: dict) -> str:
    if "folder" in result:
        return f"Version {result['version']} is in {result['folder']}: {len(result['changed']):,} files changed."
    return f"{result['rows']:,} rows in {result['file']}."
