"""Front-end files: fetched by npm, of which the pages get only what they need, in runtime/web/static/vendor/."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "runtime" / "web" / "static" / "vendor"
COPIED = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "sortablejs/Sortable.min.js": "sortable.min.js",
}
SUBSETS = ("latin", "latin-ext", "vietnamese")


def main() -> None:
    fetch()
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in COPIED.items():
        shutil.copyfile(MODULES / source, VENDOR / name)
    icons()
    style(font())


def tool(name: str) -> list[str]:
    """npm or node: the machine's, else the wheel's."""
    beside = Path(sys.executable).parent / name
    found = shutil.which(name) or (str(beside) if beside.exists() else None)
    if found is None:
        sys.exit(f"'{name}' is missing. `make assets` installs it from requirements-assets.txt; run that instead.")
    return [found]


def fetch() -> None:
    # The wheel's npm looks for `node` on the path.
    path = os.environ["PATH"] + os.pathsep + str(Path(sys.executable).parent)
    subprocess.run([*tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                   cwd=ROOT, check=True, env={**os.environ, "PATH": path})


def icons() -> None:
    """One sprite of the icons in icons.txt: `<use href="…/icons.svg#i-NAME"/>`; stroke and size come from the page."""
    listed = (ROOT / "runtime" / "web" / "icons.txt").read_text()
    names = sorted({name for line in listed.splitlines() if not line.startswith("#") for name in line.split()})
    symbols, unknown = [], []
    for name in names:
        file = MODULES / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not file.exists():
            unknown.append(name)
            continue
        inner = re.search(r"<svg[^>]*>(.*)</svg>", file.read_text(), re.S).group(1)
        inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
        inner = re.sub(r">\s+<", "><", inner.strip()).replace(" />", "/>")
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{inner}</symbol>')
    if unknown:
        sys.exit(f"icons.txt names icons that Tabler does not have: {', '.join(unknown)}.")
    (VENDOR / "icons.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n")


def font() -> str:
    """Inter as one variable font per script; gives the @font-face rules that choose among them."""
    package = MODULES / "@fontsource-variable" / "inter"
    rules = (package / "index.css").read_text()
    kept = []
    for subset in SUBSETS:
        name = f"inter-{subset}-wght-normal.woff2"
        shutil.copyfile(package / "files" / name, VENDOR / name)
        rule = re.search(r"@font-face\s*{[^}]*" + re.escape(name) + r"[^}]*}", rules).group(0)
        kept.append(re.sub(r"\s+", " ", rule.replace(f"./files/{name}", name)))
    return "\n".join(kept)


def style(font_faces: str) -> None:
    """Tabler's style, trimmed to what the pages use, with the font's rules before it."""
    subprocess.run([*tool("node"), str(ROOT / "runtime" / "web" / "trim.mjs")], cwd=ROOT, check=True)
    file = VENDOR / "tabler.css"
    file.write_text(font_faces + "\n" + file.read_text())


if __name__ == "__main__":
    main()
