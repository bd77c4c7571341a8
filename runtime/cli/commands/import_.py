"""Import a file into a module, or a whole export folder by a profile (zoho): counts per file, and where the errors lie."""
from pathlib import Path

from runtime.cli.ready import actor, add_argument, ready
from runtime.errors import Invalid
from runtime.exchange import service


def arguments(parser) -> None:
    parser.add_argument("path", type=Path, help="a CSV or XLSX file, or with --profile a folder of them")
    parser.add_argument("--profile", help="a family of import maps, such as zoho")
    parser.add_argument("--module", help="the module a single file goes into; guessed from its name when left out")
    parser.add_argument("--match", help="the field existing records are found by; empty = every row is new")
    parser.add_argument("--on-match", choices=("update", "skip", "create"), help="what happens with a row that is known")
    parser.add_argument("--undo", action="store_true", help="take back the import whose number is given as path")
    add_argument(parser)


def run(options) -> dict:
    ready()
    who = actor(options).through("import")
    if options.undo:
        found = service.request_undo(who, int(str(options.path)), here=True)
        return {"ok": True, "import_id": found.id, "state": found.state, "undone": found.undone, "kept": found.kept}
    if not options.path.exists():
        raise Invalid({"path": [f"There is no file or folder '{options.path}'."]})
    if options.profile:
        tell = None if options.json else lambda one: print(_line(one), flush=True)
        files = service.import_profile(who, options.profile, options.path, tell=tell)
    else:
        files = [service.import_file(who, options.path, options.module or options.path.stem.lower(), match=options.match,
                                     on_match=options.on_match)]
    return {"ok": all(one["state"] in ("done", "refused") for one in files), "files": files}


def text(result: dict) -> str:
    if "files" not in result:
        return (f"Import {result['import_id']} undone: {result['undone']:,} put back or removed, "
                f"{result['kept']:,} kept as changed since.")
    return "\n".join(_line(one) for one in result["files"])


def _line(one: dict) -> str:
    if one.get("reason"):
        return f"  {one['file']}: not taken. {one['reason']}"
    counters = ("created", "updated", "unchanged", "skipped", "refused", "warned")
    told = ", ".join(f"{one[name]:,} {name}" for name in counters if one[name])
    lines = [f"  {one['file']} → {one['module']}: {one['rows']:,} rows, {told or 'nothing'}"]
    lines += [f"      {reason['times']:,} × {reason['heading']}: {reason['reason']}" for reason in one["reasons"][:5]]
    if one["error_file"]:
        lines.append(f"      every row and reason: {one['error_file']}")
    return "\n".join(lines)
