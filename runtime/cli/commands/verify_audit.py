"""Look whether the history of records is as it was sealed, row by row. Ends with status 1 where something differs.

Prints the chain's head. Kept where nobody of this machine can write, and given back with --since, it proves that nothing
before it was written anew as a whole.
"""
from runtime.cli.ready import ready
from runtime.records import audit, seals


def arguments(parser) -> None:
    parser.add_argument("--since", default="", metavar="HEAD", help="a head printed before: the chain must lead through it")
    parser.add_argument("--seal", action="store_true", help="first seal what is complete, without waiting for the clock")


def run(options) -> dict:
    ready()
    if options.seal:
        seals.seal()
    report = audit.verify(options.since)
    return {"ok": report.whole, "rows": report.rows, "seals": report.seals, "purged": report.purged, "waiting": report.waiting,
            "since": report.since, "head": report.head,
            "differences": [{"what": each.what, "seal": each.seal, "row": each.row, "module": each.module or None,
                             "record_id": each.record_id, "says": each.sentence} for each in report.differences]}


def text(result: dict) -> str:
    lines = [each["says"] for each in result["differences"]]
    if result["ok"]:
        begun = f"unbroken since {result['since']:%Y-%m-%d %H:%M}" if result["since"] else "nothing is sealed yet"
        lines.append(f"{_many(result['rows'], 'row')} in {_many(result['seals'], 'seal')}, {begun}."
                     + (f" {result['purged']:,} were purged with their records." if result["purged"] else "")
                     + (f" {result['waiting']:,} wait for the next seal." if result["waiting"] else ""))
        lines.append(f"Head: {result['head']}")
    return "\n".join(lines)


def _many(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
