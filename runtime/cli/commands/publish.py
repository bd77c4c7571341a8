"""Publish a bundle folder: the plan in sentences, then (without --dry-run) the new version."""
from pathlib import Path

from runtime.cli.ready import actor, add_argument, publish, ready


def arguments(parser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
    parser.add_argument("--note", default="", help="why, kept with the version")
    add_argument(parser)


def run(options) -> dict:
    ready()
    definitions, seed = publish.of_folder(options.folder)
    plan = publish.plan(definitions)
    told = {"ok": not plan.problems, "base": plan.base, "version": None, "plan": list(plan.sentences),
            "problems": _told(plan.problems), "warnings": _told(plan.warnings)}
    if told["ok"] and not options.dry_run:
        told["version"] = publish.publish(actor(options), definitions, base=plan.base, note=options.note, seed=seed)
    return told


def _told(problems) -> list[dict[str, str]]:
    return [{"path": one.path, "message": one.message} for one in problems]


def text(result: dict) -> str:
    lines = [f"  {problem['path']}: {problem['message']}" for problem in result["problems"]]
    if lines:
        return "\n".join(["This cannot be published:", *lines])
    lines = [f"  {sentence}" for sentence in result["plan"]] or ["  Nothing to do: this is what is published."]
    if result["version"]:
        lines.append(f"Published version {result['version']}.")
    return "\n".join(lines)
