"""Export a module's records, as a view or a filter shows them, to CSV or XLSX; `--as USER` exports what that user may see."""
import sys
from contextlib import nullcontext
from pathlib import Path

from werkzeug.datastructures import MultiDict

from runtime.cli.ready import actor, add_argument, ready
from runtime.errors import BadQuery
from runtime.kinds.kind import catalogue
from runtime.locale import reader
from runtime.records import export, list_state, shown
from runtime.security import policy
from runtime.tables import published


def arguments(parser) -> None:
    parser.add_argument("module", help="deals, accounts …")
    parser.add_argument("--output", "-o", type=Path, help="the file to write (default: MODULE.csv; - for standard output)")
    parser.add_argument("--format", help="csv or xlsx; guessed from the file's name")
    parser.add_argument("--view", help="a saved view; the module's default view when left out")
    parser.add_argument("--filter", help="conditions as JSON, instead of the view's own")
    parser.add_argument("--columns", help="paths, separated by commas, instead of the view's own")
    add_argument(parser)


def run(options) -> dict:
    ready()
    who, now = actor(options), published.current()
    module = now.module(options.module)
    policy.require(who, "export", module)
    asked = {name: getattr(options, name) for name in ("view", "filter", "columns") if getattr(options, name)}
    state = list_state.read(now, who, module, MultiDict(asked))
    target = options.output or Path(f"{module.name}.{options.format or 'csv'}")
    wanted = options.format or target.suffix.lstrip(".") or "csv"
    known = [each.name for each in catalogue().all("export_formats")]
    if wanted not in known:
        raise BadQuery(f"There is no export format '{wanted}'. Known: {', '.join(known)}.")
    fields = [shown.field(now, who, module, path) for path in state.shown_columns]
    screen = str(target) == "-"
    with nullcontext(sys.stdout.buffer) if screen else open(target, "wb") as file:
        rows = export.write(who, catalogue().get("export_formats", wanted), file, state.query(), fields,
                            reader.reader(who.language, who.time_zone))
    return {"ok": True, "module": module.name, "rows": rows, "file": None if screen else str(target), "silent": screen}


def text(result: dict) -> str:
    return "" if result["silent"] else f"{result['rows']:,} rows in {result['file']}."
