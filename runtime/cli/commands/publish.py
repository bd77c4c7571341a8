"""Publish a bundle folder: the plan in sentences, then (without --dry-run) the new version.

With a seed.json the folder stands for the whole bundle: what it no longer holds is put aside. Without one it only adds
and changes.
"""
import sys
from pathlib import Path

from runtime.cli.ready import actor, add_argument, publish, ready


def arguments(parser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument("--base", type=int, help="refuse when another version than this one is live")
    parser.add_argument("--note", default="", help="why, kept with the version")
    parser.add_argument("--override", default="", metavar="REASON", help="publish although tests are red; kept with the version")
    add_argument(parser)


def run(options) -> dict:
    ready()
    definitions, seed = publish.of_folder(options.folder)
    plan = publish.plan(definitions, progress=None if options.json else _checking)
    told = {"ok": not plan.problems, "base": plan.base, "plan": plan.sentences,
            "problems": [{"path": one.path, "message": one.message} for one in plan.problems],
            "warnings": [str(one) for one in plan.warnings], "version": None}
    if not options.dry_run and told["ok"]:
        told["version"] = publish.publish(
            actor(options), definitions, base=plan.base if options.base is None else options.base, note=options.note,
            seed=seed, progress=None if options.json else _progress, override=options.override)
    return told


def text(result: dict) -> str:
    lines = [f"  {problem['path']}: {problem['message']}" for problem in result["problems"]]
    if lines:
        return "\n".join(["This cannot be published:", *lines])
    lines = [f"  {sentence}" for sentence in result["plan"]] or ["  Nothing to do: this is what is published."]
    lines += [f"  Note: {warning}" for warning in result["warnings"]]
    if result["version"] and result["plan"]:
        lines.append(f"Published version {result['version']}.")
    return "\n".join(lines)


def _checking(label: str, done: int, last: int) -> None:
    print(f"  Checking {label}: {done:,} of {last:,}", file=sys.stderr)


def _progress(label: str, done: int, last: int) -> None:
    print(f"  {label}: {done:,} of {last:,}", file=sys.stderr)
