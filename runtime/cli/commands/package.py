"""Packages: build one from a folder, check, install, upgrade, uninstall, list. --dry-run only says what would happen."""
import tempfile
from pathlib import Path

from metadata import package
from metadata.definitions import Definitions
from metadata.model.scenario import Scenario
from runtime.cli.ready import actor, add_argument, publish, ready
from runtime.errors import Invalid, NotFound, Refused
from runtime.exchange import samples
from runtime.publish import packages, proofs


def arguments(parser) -> None:
    acts = parser.add_subparsers(title="what", dest="act", required=True, metavar="WHAT")
    build = acts.add_parser("build", help="one zip from a bundle folder; the same content gives the same bytes")
    build.add_argument("folder", type=Path)
    build.add_argument("--to", type=Path, help="the file to write (default: NAME-VERSION.zip here)")
    checked = acts.add_parser("check", help="read a package and say what installing it would do")
    install = acts.add_parser("install", help="install a package")
    upgrade = acts.add_parser("upgrade", help="upgrade an installed package; what was changed here stays")
    for each in (checked, install, upgrade):
        each.add_argument("file", type=Path, help="the zip, or the folder of a bundle")
        each.add_argument("--take", action="append", default=[], metavar="KEY=ours|theirs",
                          help="how a conflict is decided; 'all=theirs' for every one (default: ours)")
    for each in (install, upgrade):
        each.add_argument("--agree", action="append", default=[], metavar="KEY", help="agree to this ask; 'all' for every one")
        each.add_argument("--samples", action="store_true", help="with its sample records")
    uninstall = acts.add_parser("uninstall", help="take out what nobody changed; what was changed here stays")
    uninstall.add_argument("name")
    listed = acts.add_parser("list", help="what is installed, and what of it was changed here")
    for each in (install, upgrade, uninstall):
        each.add_argument("--dry-run", action="store_true", help="only say what would happen")
    for each in (build, install, upgrade, uninstall):
        each.add_argument("--override", default="", metavar="REASON", help="go on although tests are red; kept with the version")
    for each in (build, checked, install, upgrade, uninstall, listed):
        each.add_argument("--json", action="store_true", help="answer in JSON")
        add_argument(each)


def run(options) -> dict:
    if options.act == "build":
        return _build(options)
    ready()
    if options.act == "list":
        return {"packages": [_standing(each) for each in packages.listed()]}
    if options.act == "uninstall":
        return packages.uninstall(actor(options), options.name, dry_run=options.dry_run, override=options.override).to_json()
    given = package.of_folder(options.file) if options.file.is_dir() else packages.opened(_bytes(options.file))
    choices = _choices(options.take, given)
    if options.act == "check":
        return packages.install(actor(options), given, dry_run=True, choices=choices).to_json()
    if options.act == "upgrade" and given.manifest.name not in {each.manifest.name for each in packages.listed()}:
        raise NotFound(f"'{given.manifest.name}' is not installed. Use: crm package install.")
    if not options.dry_run and "all" not in options.agree:
        _agreed(packages.check(given, choices), options.agree)
    who = actor(options)
    made = packages.install(who, given, dry_run=options.dry_run, choices=choices, override=options.override,
                            agreed=None if "all" in options.agree else options.agree)
    if options.samples and not options.dry_run:
        with tempfile.TemporaryDirectory() as folder:
            package.write_samples(given, Path(folder))
            samples.take(who, Path(folder))
    return made.to_json()


def _agreed(plan: packages.PackagePlan, said: list[str]) -> None:
    left = [each for each in plan.asks if each.key not in said]
    if left and not plan.problems:
        things = "1 thing" if len(left) == 1 else f"{len(left)} things"
        raise Refused(f"The package asks for {things} that nobody agreed to yet, such as: {left[0].sentence} "
                      "See all with --dry-run; agree with --agree KEY, or --agree all.")


def _build(options) -> dict:
    made = package.of_folder(options.folder)
    if any(isinstance(each, Scenario) for each in made.definitions.documents.values()):
        ready()
        _proven(options)
    content = package.pack(made)
    package.read(content)                           # what cannot be installed is not handed out
    to = options.to or Path(made.file_name)
    to.write_bytes(content)
    return {"ok": True, "file": str(to), "bytes": len(content), "package": made.manifest.name,
            "package_version": made.manifest.version, "files": len(made.members)}


def _proven(options) -> None:
    """Its tests are green upon what it extends, or somebody says why not. Raises Invalid, Red."""
    if problems := publish.problems_of_folder(options.folder):
        raise Invalid({each.path: [each.message] for each in problems})
    proofs.require(proofs.red(Definitions(), publish.with_extended(options.folder), whole=True), options.override)


def _bytes(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(package.MOST_PACKED + 1)


def _choices(said: list[str], given: package.Package) -> dict[str, str]:
    choices = {}
    for each in said:
        key, _, side = each.rpartition("=")
        if side not in ("ours", "theirs") or not key:
            raise Invalid({"take": [f"'{each[:80]}' decides nothing. Write KEY=ours or KEY=theirs."]})
        choices[key] = side
    if side := choices.pop("all", None):
        choices = {each.key: side for each in packages.check(given).conflicts} | choices
    return choices


def _standing(each: packages.Standing) -> dict:
    return {"name": each.manifest.name, "label": each.manifest.label, "version": each.manifest.version, "parts": each.parts,
            "installed_at": each.installed_at, "at": each.at, "by": each.actor_id, "fingerprint": each.fingerprint,
            "changed_here": [f"{own.path}#{own.place}" if own.place else own.path for own in each.own]}


def text(result: dict) -> str:
    if "packages" in result:
        return "\n".join(f"  {each['name']} {each['version']}: {each['parts']} parts, {len(each['changed_here'])} changed here"
                         for each in result["packages"]) or "  Nothing is installed."
    if "file" in result:
        return f"  {result['file']}: {result['package']} {result['package_version']}, {result['bytes']:,} bytes"
    if result["problems"]:
        return "\n".join(["This cannot be done:", *(f"  {each['path']}: {each['message']}" for each in result["problems"])])
    lines = [f"  {each}" for each in result["plan"]] or ["  Nothing to do: this is what is published."]
    lines += [f"  Asks [{each['key']}]: {each['message']}" for each in result["asks"]]
    lines += [f"  Both changed [{each['key']}], {each['chosen']} stands: {each['path']} {each['place']}"
              for each in result["conflicts"]]
    lines += [f"  Stays, as it was changed here or is in use: {path}" for path in result["kept"]]
    lines += [f"  Red: {each['path']}: {each['message']}" for each in result["red"]]
    return "\n".join(lines + ([f"Version {result['version']} is live."] if result["version"] is not None else []))
