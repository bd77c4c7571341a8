"""Run the scenarios: of what is published, or of bundle folders with what they extend. Nothing is written."""
from pathlib import Path

from metadata.errors import NotSound
from runtime.cli.ready import publish, ready
from runtime.errors import Invalid
from runtime.records import scenarios
from runtime.tables import published


def arguments(parser) -> None:
    parser.add_argument("folder", nargs="*", type=Path, help="a bundle: a folder with seed.json (default: what is published)")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="just this scenario; may be given again")


def run(options) -> dict:
    ready()
    if not options.folder:
        return _told({"": scenarios.run(published.current().definitions, options.only)})
    found = {}
    for folder in options.folder:
        if problems := publish.problems_of_folder(folder):
            raise Invalid({each.path: [each.message] for each in problems})
        try:
            found[str(folder)] = scenarios.run(publish.with_extended(folder), options.only)
        except NotSound as problem:
            raise Invalid({each.path: [each.message] for each in problem.problems}) from None
    return _told(found)


def _told(found: dict[str, list[scenarios.Outcome]]) -> dict:
    shown = [{"bundle": folder, "name": each.scenario.name, "label": each.scenario.label, "passed": each.passed, "step": each.step,
              "message": each.sentence, "seconds": round(each.seconds, 3)} for folder, some in found.items() for each in some]
    return {"ok": all(each["passed"] for each in shown), "scenarios": shown}


def text(result: dict) -> str:
    lines = [f"  {'green' if each['passed'] else 'RED  '}  {each['label']}"
             + ("" if each["passed"] else f"\n         {each['name']} {each['step']}: {each['message']}")
             for each in result["scenarios"]]
    red = sum(not each["passed"] for each in result["scenarios"])
    return "\n".join([*lines, f"{len(result['scenarios'])} scenarios, {red} red." if lines else "There are no scenarios."])
