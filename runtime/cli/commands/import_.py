"""Import a file into a module, or a whole export folder by a profile (zoho): counts per file, and where the errors lie."""
from pathlib import Path

from runtime.cli.ready import actor, add_argument, ready
from runtime.errors import Invalid, NotFound
from runtime.exchange import profile, service
from runtime.exchange.choices import Corrections


def arguments(parser) -> None:
    parser.add_argument("path", type=Path, help="a CSV or XLSX file, --profile: a folder of them; --undo: numbers (12 or 3-20)")
    parser.add_argument("--profile", help="a family of import maps, such as zoho")
    parser.add_argument("--module", help="the module a single file goes into; guessed from its name when left out")
    parser.add_argument("--match", help="the field existing records are found by; empty = every row is new")
    parser.add_argument("--on-match", choices=("update", "skip", "create"), help="what happens with a row that is known")
    parser.add_argument("--on-duplicate", choices=("update", "skip", "create"),
                        help="what happens with a row that is like a record by a duplicate rule; left out: it is taken")
    parser.add_argument("--column", action="append", default=[], metavar="HEADING=FIELD",
                        help="put this column into that field; account|external_id finds a link by a key; empty leaves it out")
    parser.add_argument("--value", action="append", default=[], metavar="HEADING:OLD=NEW",
                        help="in this column, OLD stands for NEW (product:GTXPro=GTX Pro)")
    parser.add_argument("--dry-run", action="store_true", help="try the first rows of a file for real, and take them back")
    parser.add_argument("--undo", action="store_true", help="take back the imports whose numbers are given as path")
    add_argument(parser)


def run(options) -> dict:
    ready()
    who = actor(options).through("import")
    if options.undo:
        return _undo(who, str(options.path))
    if not options.path.exists():
        raise Invalid({"path": [f"There is no file or folder '{options.path}'."]})
    if options.profile:
        tell = None if options.json else lambda one: print(_line(one), flush=True)
        files = profile.take(who, options.profile, options.path, tell=tell)
    else:
        do = service.try_file if options.dry_run else service.import_file
        files = [do(who, options.path, options.module or options.path.stem.lower(), match=options.match, on_match=options.on_match,
                    corrections=_corrections(options), on_duplicate=options.on_duplicate)]
    answer = {"ok": all(one["state"] in ("done", "refused", "tried") for one in files), "files": files}
    return answer | {"told": True} if options.profile and not options.json else answer


def _corrections(options) -> Corrections:
    columns, values = {}, {}
    for said in options.column:
        heading, equals, field = said.rpartition("=")
        if not equals or not heading:
            raise Invalid({"column": [f"'{said}' is no correction of a column. Write HEADING=FIELD."]})
        columns[heading] = field
    for said in options.value:
        heading, colon, pair = said.partition(":")
        old, equals, new = pair.partition("=")
        if not colon or not equals or not old or not new:
            raise Invalid({"value": [f"'{said}' is no correction of a value. Write HEADING:OLD=NEW."]})
        values.setdefault(heading, {})[old] = new
    return Corrections(columns, values)


def _undo(who, numbers: str) -> dict:
    """The newest first: a later import may have changed what an earlier one brought."""
    first, _, last = numbers.partition("-")
    if not (first.isdigit() and (last or first).isdigit()):
        raise Invalid({"path": [f"'{numbers}' is no import number. Give one such as 12, or 3-20."]})
    undone = []
    for number in range(int(last or first), int(first) - 1, -1):
        try:
            if last and service.find(who, number).state not in ("done", "failed", "undoing"):
                continue
            found = service.request_undo(who, number, here=True)
        except NotFound:
            if not last:
                raise
            continue
        undone.append({"import_id": found.id, "file": found.file_name, "state": found.state, "undone": found.undone,
                       "kept": found.kept})
    return {"ok": True, "imports": undone}


def text(result: dict) -> str:
    if "imports" in result:
        return "\n".join(f"  Import {one['import_id']} ({one['file']}) undone: {one['undone']:,} put back or removed, "
                         f"{one['kept']:,} kept as changed since." for one in result["imports"])
    numbers = [one["import_id"] for one in result["files"] if one.get("import_id")]
    way_back = [] if not numbers else ["", "Undo: crm import --undo "
                                       + (str(numbers[0]) if len(numbers) == 1 else f"{min(numbers)}-{max(numbers)}")]
    return "\n".join(([] if result.get("told") else [_line(one) for one in result["files"]]) + way_back)


def _line(one: dict) -> str:
    if one.get("reason"):
        return f"  {one['file']}: not taken. {one['reason']}"
    told = ", ".join(f"{one[name]:,} {name}" for name in service.COUNTERS if one[name])
    lines = [f"  {one['file']} → {one['module']}: {one['rows']:,} rows, {told or 'nothing'}"]
    if one["state"] == "tried":
        lines.append("      tried only; columns: " + ", ".join(f"{heading} → {' + '.join(paths)}"
                                                              for heading, paths in one["columns"].items()))
    lines += [f"      {reason['times']:,} × {reason['heading']}: {reason['reason']}" for reason in one["reasons"][:5]]
    if one["error_file"]:
        lines.append(f"      every row and reason: {one['error_file']}")
    return "\n".join(lines)
