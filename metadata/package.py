"""A package: one bundle in one zip file, the same content always the same bytes; what others packed is read with distrust.

    seed.json   modules/deals.json   views/deals.open.json   records/deals.csv

Members are stored, not squeezed: what deflate writes differs between builds of zlib. Squeezed ones are read all the same.
"""
import io
import re
import stat
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from metadata import bundle, documents, shape, versions
from metadata.definitions import Definitions, all_ids, read_document
from metadata.errors import NotSound, Problem
from metadata.model.document import Document
from metadata.model.nouns import nouns
from metadata.model.seed import Seed
from metadata.model.theme import Theme
from metadata.words import say

SAMPLES = "records"
MOST_MEMBERS = 2_000
MOST_PACKED = 25 * 1024 * 1024
MOST_BYTES = 50 * 1024 * 1024
MOST_TIMES = 100
"""How many times larger than its packed form a member may be."""
SECONDS = 4.0
"""What reading takes at most."""

_BEGAN = (1980, 1, 1, 0, 0, 0)
_PLACE = re.compile(r"([a-z][a-z0-9_]{0,59})/([A-Za-z0-9][A-Za-z0-9_.]{0,159})\.(json|csv)")
_END = struct.Struct("<4s4H2LH")
_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")


@dataclass(frozen=True)
class Package:
    """samples: {"accounts.csv": bytes}."""
    manifest: Seed
    definitions: Definitions
    samples: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def members(self) -> dict[str, bytes]:
        """{path: canonical bytes}, in the order of the file."""
        found = {bundle.MANIFEST: documents.canonical(self.manifest.to_json())}
        found |= {f"{path}.json": documents.canonical(each.to_json()) for path, each in self.definitions.documents.items()}
        found |= {f"{SAMPLES}/{name}": content for name, content in self.samples.items()}
        return dict(sorted(found.items()))

    @property
    def file_name(self) -> str:
        return f"{self.manifest.name}-{self.manifest.version}.zip"

    @property
    def requires(self) -> dict[str, str]:
        """{name: range of versions} of what must be installed before."""
        return self.manifest.needs


def of_folder(folder: Path | str) -> Package:
    """Raises NotSound."""
    folder = Path(folder)
    manifest = bundle.manifest(folder)
    if manifest is None:
        raise NotSound([Problem(bundle.MANIFEST, say("It is missing. A package says there what it is called."))])
    samples = {file.name: file.read_bytes() for file in sorted((folder / SAMPLES).glob("*.csv"))
               if file.is_file() and not file.is_symlink()}
    return Package(manifest, bundle.read(folder), samples)


def pack(package: Package) -> bytes:
    """The zip. Reading it back gives the same package; packing that gives the same bytes."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in package.members.items():
            member = zipfile.ZipInfo(name, _BEGAN)
            member.create_system, member.external_attr = 3, 0o100644 << 16
            archive.writestr(member, content)
    return written.getvalue()


def unpack(package: Package, folder: Path | str) -> None:
    """As a folder, for git or an editor."""
    folder = Path(folder)
    bundle.write(package.definitions, folder, package.manifest)
    write_samples(package, folder / SAMPLES)


def write_samples(package: Package, folder: Path) -> None:
    for name, content in package.samples.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def read(content: bytes) -> Package:
    """A package somebody hands in. Nothing is written anywhere. Raises NotSound with every file and the reason."""
    members = dict(_members(content))
    deadline = time.monotonic() + SECONDS
    manifest = _manifest(members)
    found: list[Document] = []
    problems: list[Problem] = []
    for name, each in members.items():
        if time.monotonic() > deadline:
            raise NotSound([Problem(name, say("Reading the package takes longer than %(seconds)s seconds. Make it smaller.",
                                              seconds=f"{SECONDS:.0f}"))])
        if name == bundle.MANIFEST or name.startswith(f"{SAMPLES}/"):
            continue
        try:
            document = read_document(name.removesuffix(".json"), documents.parse(each))
            found.append(document)
            if isinstance(document, Theme) and document.active:
                problems.append(Problem(f"{name}#active", say("A package does not put its theme on by itself; the house chooses"
                                                              " it. Take 'active' out.")))
        except documents.BadText as error:
            problems.append(Problem(name, str(error)))
        except NotSound as error:
            problems += [Problem(_file(each.path), each.message) for each in error.problems]
    problems = problems or list(_twice(found))
    if problems:
        raise NotSound(problems)
    samples = {name.partition("/")[2]: each for name, each in members.items() if name.startswith(f"{SAMPLES}/")}
    return Package(manifest, Definitions.of_documents(found), samples)


def _manifest(members: Mapping[str, bytes]) -> Seed:
    if bundle.MANIFEST not in members:
        raise NotSound([Problem(bundle.MANIFEST, say("It is missing. This is no package."))])
    try:
        content = documents.parse(members[bundle.MANIFEST])
    except documents.BadText as error:
        raise NotSound([Problem(bundle.MANIFEST, str(error))]) from None
    content.pop("$schema", None)
    if problems := shape.problems("seed", Seed, content):
        raise NotSound([Problem(_file(each.path), each.message) for each in problems])
    manifest = Seed.from_json(content)
    if manifest.name in manifest.needs:
        raise NotSound([Problem(bundle.MANIFEST, say("It needs itself: '%(name)s' stands among what it needs.",
                                                     name=manifest.name))])
    return manifest


def _twice(found: list[Document]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for id, path, _ in all_ids(Definitions({each.path: each for each in found})):
        if id in seen:
            yield Problem(_file(path), say("The id '%(id)s' is used twice: here and in %(other)s.", id=id, other=_file(seen[id])))
        seen[id] = path


def _file(path: str) -> str:
    document, hash, place = path.partition("#")
    return f"{document.removesuffix('.json')}.json{hash}{place}"


# The archive

def _members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of each member, sorted; nothing is believed that the archive says about itself."""
    count = _bounded(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = archive.infolist()
            if len(listed) != count:
                raise _refused("", say("The package is damaged or cut off: its list of files is not as long as it says."))
            _sound(listed)
            left = MOST_BYTES
            for member in sorted(listed, key=lambda each: each.filename):
                if not member.is_dir():
                    unpacked = _unpacked(archive, member, left)
                    left -= len(unpacked)
                    yield member.filename, unpacked
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError,
            OSError) as error:
        raise _refused("", say("The package is damaged or cut off: %(why)s.",
                               why=str(error)[:200] or type(error).__name__)) from None


def _bounded(content: bytes) -> int:
    """How many files it says it has; by its last bytes alone, before anything is made of it."""
    if len(content) > MOST_PACKED:
        raise _refused("", say("It has %(count)s bytes; a package has at most %(most)s.", count=f"{len(content):,}",
                               most=f"{MOST_PACKED:,}"))
    if not content.startswith(b"PK\x03\x04"):
        raise _refused("", say("This is no zip file."))
    if len(content) < _END.size or content[-_END.size:][:4] != b"PK\x05\x06":
        raise _refused("", say("The package is damaged or cut off: its end is missing."))
    _, disk, first_disk, here, count, size, offset, _ = _END.unpack(content[-_END.size:])
    if disk or first_disk or here != count:
        raise _refused("", say("It is spread over several files. Pack it into one."))
    if count > MOST_MEMBERS or size > MOST_MEMBERS * 512:
        raise _refused("", say("It has %(count)s files; a package has at most %(most)s.", count=f"{count:,}",
                               most=f"{MOST_MEMBERS:,}"))
    if offset + size + _END.size != len(content):
        raise _refused("", say("The package is damaged or cut off: its list of files is not where it says."))
    return count


def _sound(listed: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    total = end = 0
    for member in sorted(listed, key=lambda each: each.header_offset):
        name = member.filename
        if name.casefold() in seen:
            raise _refused(name, say("It is in the package twice."))
        seen.add(name.casefold())
        _allowed(member)
        if member.header_offset < end:
            raise _refused(name, say("It overlaps another file of the package."))
        end = member.header_offset + 30 + len(name.encode()) + member.compress_size
        total += member.file_size
        if member.file_size > MOST_TIMES * max(member.compress_size, 1) and member.file_size > 1024:
            raise _refused(name, say("It unpacks to more than %(most)s times its size.", most=MOST_TIMES))
        if total > MOST_BYTES:
            raise _refused(name, say("The package unpacks to more than %(most)s bytes.", most=f"{MOST_BYTES:,}"))


def _allowed(member: zipfile.ZipInfo) -> None:
    name, mode = member.filename, member.external_attr >> 16
    if name.startswith(("/", "\\")) or ":" in name or "\\" in name or ".." in name.split("/"):
        raise _refused(name, say("Its name leads out of the package."))
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(name, say("It is a link or a device, not a plain file."))
    if member.flag_bits & 0x1:
        raise _refused(name, say("It is encrypted."))
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refused(name, say("It is packed in a way that is not read. Use store or deflate."))
    if name == bundle.MANIFEST:
        return
    if member.is_dir():
        folder, suffix = name.rstrip("/"), None
    else:
        found = _PLACE.fullmatch(name)
        if found is None:
            raise _refused(name, say("Files of this name do not belong into a package."))
        folder, _, suffix = found.groups()
    if folder != SAMPLES and folder not in nouns():
        raise _refused(name, say("There is no noun '%(folder)s'. Known folders: %(known)s.", folder=folder[:60],
                                 known=', '.join((*nouns(), SAMPLES))))
    if suffix is not None and suffix != ("csv" if folder == SAMPLES else "json"):
        raise _refused(name, say("Files of '%(folder)s' end in .%(suffix)s.", folder=folder,
                                 suffix='csv' if folder == SAMPLES else 'json'))


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> bytes:
    """Counted while it is read: never more than the member says, nor more than is left."""
    most = min(left, member.file_size, MOST_BYTES if member.filename.startswith(SAMPLES) else documents.SIZE)
    try:
        with archive.open(member) as stream:
            unpacked = stream.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise _refused(member.filename, say("It is damaged: %(why)s.", why=str(error)[:200])) from None
    if len(unpacked) > most:
        raise _refused(member.filename, say("It has more than %(most)s bytes, which is more than it may.", most=f"{most:,}"))
    if unpacked.startswith(_SIGNATURES):
        raise _refused(member.filename, say("It is itself an archive. A package holds none."))
    return unpacked


def _refused(name: str, message: str) -> NotSound:
    return NotSound([Problem(name.encode("ascii", "backslashreplace").decode()[:200] or "package", message)])


def check_versions(package: Package, installed: Mapping[str, Seed]) -> list[Problem]:
    """What of the installed packages does not fit: missing, out of range, a step back, a circle. installed: {name: manifest}."""
    problems = []
    for name, wanted in package.requires.items():
        if name not in installed:
            problems.append(Problem(bundle.MANIFEST, say("It needs the package '%(name)s' first. Install that.", name=name)))
        elif not versions.fits(installed[name].version, wanted):
            problems.append(Problem(bundle.MANIFEST, say("It needs '%(name)s' %(wanted)s; installed is %(version)s.", name=name,
                                                         wanted=wanted, version=installed[name].version)))
    own = package.manifest
    before = installed.get(own.name)
    if before and versions.version(own.version) < versions.version(before.version):
        problems.append(Problem(bundle.MANIFEST, say("It is version %(version)s, older than the installed %(installed)s. "
                                                     "Uninstall first if you mean it.", version=own.version,
                                                     installed=before.version)))
    for other in installed.values():
        wanted = next((each["range"] for each in other.requires if each["name"] == own.name), "*")
        if other.name != own.name and not versions.fits(own.version, wanted):
            problems.append(Problem(bundle.MANIFEST, say("'%(other)s' needs '%(own)s' %(wanted)s; this is %(version)s.",
                                                         other=other.name, own=own.name, wanted=wanted, version=own.version)))
    if circle := _circle(own, installed):
        problems.append(Problem(bundle.MANIFEST, say("It needs itself in the end: %(circle)s.", circle=' → '.join(circle))))
    return problems


def _circle(own: Seed, installed: Mapping[str, Seed]) -> list[str]:
    known = {**installed, own.name: own}

    def walk(name: str, way: list[str]) -> list[str]:
        if name == own.name and way:
            return [*way, name]
        if name in way or name not in known:
            return []
        return next((found for need in sorted(known[name].needs) if (found := walk(need, [*way, name]))), [])

    return walk(own.name, [])
