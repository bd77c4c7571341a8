"""Install a bundle of seeds/ (or any folder): check, publish, and its sample records unless CRM_SAMPLES=0."""
import os
from pathlib import Path

from runtime.cli import ROOT
from runtime.cli.ready import actor, add_argument, publish, ready
from runtime.errors import NotFound
from runtime.exchange import samples as taken


def arguments(parser) -> None:
    parser.add_argument("name", help="sales, real_estate … or the path of a folder")
    parser.add_argument("--no-samples", action="store_true", help="without the sample records")
    add_argument(parser)


def run(options) -> dict:
    ready()
    folder = Path(options.name) if "/" in options.name else ROOT / "seeds" / options.name
    if not (folder / "seed.json").exists():
        known = ", ".join(sorted(place.parent.name for place in (ROOT / "seeds").glob("*/seed.json")))
        raise NotFound(f"There is no seed '{options.name}'. Known: {known}.")
    samples = not options.no_samples and os.environ.get("CRM_SAMPLES", "1") != "0"
    return {"version": publish.install_seed(actor(options), folder, samples=samples, take_samples=taken.take)}


def text(result: dict) -> str:
    return f"Published version {result['version']}."
