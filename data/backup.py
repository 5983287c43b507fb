"""Backups: everything of a partnership that cannot be made again, in one file, and back.

A backup is a ZIP file with the partnership's own files, its batches, a copy of the workspace as it
was at one moment, and a manifest with the SHA-256 of each. Snapshots are left out, for they can be
published again, and so is what waits in the inbox. It is not encrypted, and it holds records.

A backup is made beside its place and renamed into it, and it is restored beside its place and
renamed into it: what was broken off leaves nothing behind that looks whole.
"""

import contextlib
import datetime
import hashlib
import itertools
import os
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from data.authority import WHOLE_PARTNERSHIP, Actor, Verb
from data.batches import loading
from data.errors import BackupError, DataError
from data.home import Home
from data.workspace import Subject, Workspace

# How far a job has come: what it is doing, how many files are done, of how many.
Progress = Callable[[str, int, int], None]

FORMAT = 1
MANIFEST = "MANIFEST.json"
LARGEST_MANIFEST = 100_000_000
WORKSPACE = "workspace.sqlite"
_ANYWHERE = Home(Path())
FOLDERS = tuple(folder.name for folder in (*_ANYWHERE.own_folders, _ANYWHERE.batches))
# What others are still writing, and locks.
LEFT_OUT = re.compile(r"^\.|\.(?:lock|partial)$")
# Parquet is compressed already.
PACKED = frozenset({".parquet", ".xlsx", ".zip"})
PIECE = 1 << 20


class FileInBackup(BaseModel):
    """One file: its size in bytes and its SHA-256."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes: int
    sha256: str


class BackupManifest(BaseModel):
    """What a backup says of itself.

    Attributes:
        format: The form of the backup; a newer one is refused.
        made_at: When, in UTC.
        partnership: The name of the partnership.
        last_event: The number of the last event in the workspace.
        last_hash: That event's hash, which covers all before it.
        files: Each file by its place in the partnership's folder.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    made_at: datetime.datetime
    partnership: str
    last_event: int
    last_hash: str
    files: dict[str, FileInBackup]


@dataclass(frozen=True)
class Done:
    """What was backed up or restored.

    Attributes:
        file: The backup.
        files: How many files are in it.
        bytes: Their size together, unpacked.
        events: How many events of the workspace.
    """

    file: Path
    files: int
    bytes: int
    events: int


def _quiet(_doing: str, _done: int, _of: int) -> None:
    pass


# --- making one ---


def backup(home: Home, actor: Actor, out: Path | None = None, progress: Progress = _quiet) -> Done:
    """Make a backup and return what is in it. Nobody can load meanwhile; all can write and look.

    Args:
        home: Whose.
        actor: Who makes it; the workspace records it first, so that the backup says so too.
        out: The file; without it, a new one in the folder `backups`.
        progress: Told of each file.

    Raises:
        DataError: If there is no partnership, or somebody is loading files.
        NotAllowedError: If the policy does not allow it.
        BackupError: If the file is there already, or cannot be written.
    """
    home.settings()
    now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    out = out or _free_name(home, now)
    if out.exists():
        raise BackupError(f"{out}: this file is there already. Name another with --out.")
    workspace = Workspace.open(home)
    workspace.append(actor, Verb.BACKUP, WHOLE_PARTNERSHIP, Subject("backup", out.name))
    partial = out.with_name(f".{out.name}.partial")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with (
            loading(home),
            tempfile.TemporaryDirectory(prefix=".backup-", dir=out.parent) as folder,
        ):
            copy = Path(folder) / WORKSPACE
            workspace.copy_to(copy)
            manifest = _pack(home, copy, partial, now, progress)
        os.replace(partial, out)
    except OSError as error:
        raise BackupError(
            f"{out}: the backup could not be written ({error.strerror or error}). Look whether"
            " there is room, and whether this account may write there."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return _done(out, manifest)


def _free_name(home: Home, now: datetime.datetime) -> Path:
    name = re.sub(r"[^\w-]+", "-", home.settings().id)
    name = f"{name}-{now:%Y-%m-%d-%H%M%S}"
    # Two in one second get different names.
    names = (f"{name}{f'-{number}' if number else ''}.zip" for number in itertools.count())
    return next(home.backups / name for name in names if not (home.backups / name).exists())


def _pack(
    home: Home, workspace: Path, partial: Path, now: datetime.datetime, progress: Progress
) -> BackupManifest:
    places = {file.relative_to(home.path).as_posix(): file for file in _own_files(home)}
    places[WORKSPACE] = workspace
    copied = Workspace.in_file(workspace)
    try:
        last_event, last_hash = copied.last()
    finally:
        copied.close()
    found: dict[str, FileInBackup] = {}
    # It holds records: for this account alone, where the system knows such a thing.
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with zipfile.ZipFile(partial, "w", allowZip64=True) as packed:
        for done, (name, file) in enumerate(sorted(places.items())):
            progress(name, done, len(places))
            found[name] = _add(packed, name, file)
        manifest = BackupManifest(
            format=FORMAT,
            made_at=now,
            partnership=home.settings().name,
            last_event=last_event,
            last_hash=last_hash,
            files=found,
        )
        packed.writestr(MANIFEST, manifest.model_dump_json(indent=2), zipfile.ZIP_DEFLATED)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    return manifest


def _own_files(home: Home) -> Iterator[Path]:
    """Yield the files to keep: TOML files of the folder itself, and all of the folders named."""
    yield from home.path.glob("*.toml")
    for folder in FOLDERS:
        for file in (home.path / folder).rglob("*"):
            parts = file.relative_to(home.path).parts
            if file.is_file() and not any(LEFT_OUT.search(part) for part in parts):
                yield file


def _add(packed: zipfile.ZipFile, name: str, file: Path) -> FileInBackup:
    kind = zipfile.ZIP_STORED if file.suffix in PACKED else zipfile.ZIP_DEFLATED
    said = zipfile.ZipInfo.from_file(file, name, strict_timestamps=False)
    said.compress_type = kind
    with file.open("rb") as source, packed.open(said, "w", force_zip64=True) as target:
        return _copied(source, target)


def _copied(source: IO[bytes], target: IO[bytes], most: int | None = None) -> FileInBackup:
    """Copy, and return what was copied; stop past `most` bytes."""
    digest, size = hashlib.sha256(), 0
    while piece := source.read(PIECE):
        digest.update(piece)
        size += len(piece)
        if most is not None and size > most:
            break
        target.write(piece)
    return FileInBackup(bytes=size, sha256=digest.hexdigest())


def take_out(file: Path, wanted: Callable[[str], bool]) -> bool:
    """Write a backup anew without some of its files; return whether there were any.

    Args:
        file: The backup.
        wanted: Whether a file stays, by its place in the partnership's folder.

    Raises:
        BackupError: If it is damaged or not one of ours.
    """
    with _opened(file) as packed:
        manifest = _manifest(file, packed)
        kept = {name: said for name, said in manifest.files.items() if wanted(name)}
        if len(kept) == len(manifest.files):
            return False
        partial = file.with_name(f".{file.name}.partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        with zipfile.ZipFile(partial, "w", allowZip64=True) as fresh:
            for name in kept:
                said = packed.getinfo(name)
                with packed.open(said) as source, fresh.open(said, "w", force_zip64=True) as target:
                    _copied(source, target)
            said_now = manifest.model_copy(update={"files": kept})
            fresh.writestr(MANIFEST, said_now.model_dump_json(indent=2), zipfile.ZIP_DEFLATED)
    with partial.open("rb+") as stream:
        os.fsync(stream.fileno())
    os.replace(partial, file)
    return True


# --- bringing one back ---


def restore(file: Path, home: Home, actor: Actor, progress: Progress = _quiet) -> Done:
    """Bring a backup back into a folder that is empty or not there, and return what was in it.

    Everything is unpacked beside the folder and held against the manifest before it is put there.

    Raises:
        NotAllowedError: If the policy does not allow it.
        BackupError: If the folder is in use, or the backup is damaged or not one of ours. Nothing
            is left behind.
    """
    _must_be_empty(home)
    beside = home.path.with_name(f".{home.path.name}.restoring-{os.getpid()}")
    try:
        with _opened(file) as packed:
            manifest = _manifest(file, packed)
            home.path.parent.mkdir(parents=True, exist_ok=True)
            _must_have_room(home, manifest)
            beside.mkdir()
            _unpack(file, packed, manifest, beside, progress)
        _check_whole(file, manifest, Home(beside), actor)
        if home.path.exists():
            home.path.rmdir()
        beside.rename(home.path)
    except OSError as error:
        raise BackupError(
            f"{home.path}: the backup could not be restored here ({error.strerror or error})."
            " Look whether there is room, and whether this account may write there."
        ) from error
    finally:
        if beside.exists():
            shutil.rmtree(beside, ignore_errors=True)
    return _done(file, manifest)


def _done(file: Path, manifest: BackupManifest) -> Done:
    size = sum(one.bytes for one in manifest.files.values())
    return Done(file, len(manifest.files), size, manifest.last_event)


def _must_be_empty(home: Home) -> None:
    if home.path.exists() and (not home.path.is_dir() or any(home.path.iterdir())):
        raise BackupError(
            f"{home.path}: a backup is restored into an empty folder only, and something is here."
            " Name a new one with --home; nothing was changed."
        )


def _must_have_room(home: Home, manifest: BackupManifest) -> None:
    needed = sum(one.bytes for one in manifest.files.values())
    free = shutil.disk_usage(home.path.parent).free
    if needed > free:
        raise BackupError(
            f"{home.path}: the backup needs {needed / 1e6:,.0f} MB and there are"
            f" {free / 1e6:,.0f} MB free. Make room, or name a folder on another disk."
        )


def _damaged(file: Path, what: str) -> BackupError:
    return BackupError(
        f"{file}: this backup cannot be used: {what}. Nothing was restored; try an earlier one."
    )


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    if not file.is_file():
        raise BackupError(f"{file}: there is no such file.")
    try:
        with zipfile.ZipFile(file) as packed:
            yield packed
    # What is wrong with a file can be found wherever it is read; a damaged header can ask for a
    # password or for a way of packing that does not exist.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise _damaged(file, "it is damaged, or not a ZIP file") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise _damaged(file, "it is damaged") from error


def _manifest(file: Path, packed: zipfile.ZipFile) -> BackupManifest:
    listed = packed.infolist()
    names = [one.filename for one in listed]
    if MANIFEST not in names:
        raise _damaged(file, f"it has no {MANIFEST}, so this program did not make it")
    if packed.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise _damaged(file, f"its {MANIFEST} is far too large")
    try:
        manifest = BackupManifest.model_validate_json(packed.read(MANIFEST))
    except ValidationError as error:
        raise _damaged(file, f"its {MANIFEST} does not say what a backup says") from error
    if manifest.format != FORMAT:
        raise _damaged(file, f"its form is {manifest.format} and this program knows {FORMAT}")
    if sorted(names) != sorted([*manifest.files, MANIFEST]):
        raise _damaged(file, f"it does not hold the files that its {MANIFEST} names")
    for one in listed:
        if one.filename != MANIFEST and not _is_ours(one):
            raise _damaged(file, "it names a file that belongs in no partnership's folder")
    if WORKSPACE not in names or "partnership.toml" not in names:
        raise _damaged(file, f"it lacks partnership.toml or {WORKSPACE}")
    return manifest


def _is_ours(one: zipfile.ZipInfo) -> bool:
    """Return whether a file may be put into a home: a plain file, in a place where we keep some."""
    name = one.filename
    parts = PurePosixPath(name).parts
    if one.is_dir() or stat.S_ISLNK(one.external_attr >> 16):
        return False
    # Backslashes and colons lead out of a folder on Windows, and are in no name of ours.
    if "/".join(parts) != name or re.search(r"[\\:\x00-\x1f]", name):
        return False
    if any(part in ("", ".", "..") or LEFT_OUT.search(part) for part in parts):
        return False
    if len(parts) == 1:
        return name == WORKSPACE or name.endswith(".toml")
    return parts[0] in FOLDERS


def _unpack(
    file: Path,
    packed: zipfile.ZipFile,
    manifest: BackupManifest,
    folder: Path,
    progress: Progress,
) -> None:
    for done, (name, said) in enumerate(sorted(manifest.files.items())):
        progress(name, done, len(manifest.files))
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with packed.open(name) as source, place.open("xb") as target:
            found = _copied(source, target, most=said.bytes)
            target.flush()
            os.fsync(target.fileno())
        if found != said:
            raise _damaged(file, f"{name} is not as it was when the backup was made")


def _check_whole(file: Path, manifest: BackupManifest, restored: Home, actor: Actor) -> None:
    try:
        restored.settings()
        workspace = Workspace.in_file(restored.workspace_file)
    except DataError as error:
        raise _damaged(file, f"what it holds cannot be used ({error})") from error
    try:
        try:
            chain = workspace.verify()
        except DataError as error:
            raise _damaged(file, "the record of what was done is damaged") from error
        if not chain.is_whole:
            raise _damaged(file, f"the record of what was done is broken: {chain.fault}")
        if (chain.events, chain.last_hash) != (manifest.last_event, manifest.last_hash):
            raise _damaged(file, "the record of what was done does not end where it should")
        # What was written after the backup is lost from here on; the record says so.
        said = {"made_at": manifest.made_at.isoformat(), "last_event": manifest.last_event}
        subject = Subject("backup", file.name)
        workspace.append(actor, Verb.RESTORE, WHOLE_PARTNERSHIP, subject, said)
    finally:
        workspace.close()
