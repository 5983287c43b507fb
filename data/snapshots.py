"""The only door to a DuckDB database: in-memory work, building a snapshot, and reading one.

A snapshot is a folder that is built beside the one being served, closed, checked, renamed into
place and only then named in `CURRENT`. A process killed at any moment leaves `CURRENT` naming a
whole snapshot. Files of a snapshot are never written again, so that readers need no lock and no
open file is ever replaced.
"""

import atexit
import contextlib
import datetime
import glob
import hashlib
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from data.errors import SnapshotError
from data.home import Home

Connection = duckdb.DuckDBPyConnection

RECORDS = "records.duckdb"
RESTRICTED = "restricted.duckdb"
MANIFEST = "manifest.json"
VERSION_LENGTH = 16
SNAPSHOTS_KEPT = 5
READERS_KEPT = 2
PUBLISHING_WAIT_SECONDS = 60
# Replacing CURRENT can be refused on Windows for the instant in which somebody reads it.
REPLACE_TRIES = 50
REPLACE_PAUSE_SECONDS = 0.02

# A reader can do nothing but read this one file: no other files, no network, no settings, and a
# bound on time and memory.
LOCKED_DOWN: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "memory_limit": "512MB",
    "threads": "2",
    "max_temp_directory_size": "0KB",
    "max_execution_time": "5000",
    "lock_configuration": "true",
}


class Manifest(BaseModel):
    """What a snapshot was made from, and when.

    Attributes:
        version: The folder's name: the beginning of the digest of everything it was made from.
        published_at: Local time of publication, without zone.
        made_from: Digest of each input by name (batches, files of the partnership, our own code).
        sha256: Digest of each database file as it was written.
        workspace_upto: The number of the last event in the workspace when it was made; 0 before
            any. No event changes a figure yet, so it is no part of the version.
        workspace_hash: That event's hash, which covers all before it; '' where nobody noted it.
    """

    model_config = ConfigDict(frozen=True)

    version: str
    published_at: datetime.datetime
    made_from: dict[str, str]
    sha256: dict[str, str]
    workspace_upto: int = 0
    workspace_hash: str = ""


@dataclass(frozen=True)
class Build:
    """A snapshot being made: one connection that sees both databases."""

    connection: Connection
    folder: Path


def memory() -> Connection:
    """Return a fresh in-memory database."""
    return _connected(":memory:")


def _connected(database: str) -> Connection:
    """Return a connection that writes no progress bar: standard output is for what was asked."""
    connection = duckdb.connect(database)
    connection.execute("SET enable_progress_bar = false")
    return connection


def parquet_relation(file: Path) -> str:
    """Return the name by which SQL reads a Parquet file: that one, whatever its path looks like."""
    return f"read_parquet('{_quoted(Path(glob.escape(str(file))))}')"


def version_of(made_from: dict[str, str]) -> str:
    """Return the version that these inputs make: the same inputs, the same version."""
    lines = "\n".join(f"{name} {digest}" for name, digest in sorted(made_from.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:VERSION_LENGTH]


@contextlib.contextmanager
def publishing(home: Home) -> Iterator[None]:
    """Hold the right to publish here; the system gives it back if the process dies.

    Raises:
        SnapshotError: If somebody else is publishing to the same partnership now.
    """
    home.snapshots.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home.snapshots / "publishing.lock", timeout=PUBLISHING_WAIT_SECONDS):
            for left_over in home.snapshots.glob("building-*"):
                shutil.rmtree(left_over, ignore_errors=True)
            for left_over in home.path.glob("CURRENT.*.new"):
                left_over.unlink(missing_ok=True)
            yield
    except Timeout as error:
        raise SnapshotError(
            f"{home.path}: somebody else is publishing here; try again when they are done"
        ) from error


@contextlib.contextmanager
def building(
    home: Home, made_from: dict[str, str], workspace: tuple[int, str] = (0, "")
) -> Iterator[Build]:
    """Make a snapshot: yield a connection to fill, then check it, put it in place and serve it.

    The connection's own database is `records`; `restricted` is attached beside it. If the body
    raises, nothing is put in place. Call it inside `publishing`.

    Args:
        home: Where.
        made_from: The digest of each input by name.
        workspace: The number and the hash of the workspace's last event, for the manifest.
    """
    version = version_of(made_from)
    folder = home.snapshots / f"building-{version}"
    folder.mkdir()
    connection = _connected(str(folder / RECORDS))
    try:
        connection.execute(f"ATTACH '{_quoted(folder / RESTRICTED)}' AS restricted")
        yield Build(connection, folder)
        connection.execute("DETACH restricted")
        connection.close()
    except BaseException:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _put_in_place(home, folder, version, made_from, workspace)


def _put_in_place(
    home: Home,
    folder: Path,
    version: str,
    made_from: dict[str, str],
    workspace: tuple[int, str],
) -> None:
    digests = {name: _verified(folder / name) for name in (RECORDS, RESTRICTED)}
    manifest = Manifest(
        version=version,
        published_at=home.now(),
        made_from=made_from,
        sha256=digests,
        workspace_upto=workspace[0],
        workspace_hash=workspace[1],
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    for file in folder.iterdir():
        _flush(file)
    place = home.snapshots / version
    if place.exists():
        # Somebody made the very same snapshot before, and it may be open; or it was damaged.
        _set_aside(place)
    folder.rename(place)
    _flush_folder(home.snapshots)
    serve(home, version)


def serve(home: Home, version: str) -> None:
    """Point `CURRENT` at a version, in one step, and clear away the oldest snapshots."""
    fresh = home.path / f"CURRENT.{os.getpid()}.new"
    with fresh.open("w", encoding="utf-8") as file:
        file.write(version + "\n")
        file.flush()
        os.fsync(file.fileno())
    for attempt in range(REPLACE_TRIES):
        try:
            fresh.replace(home.current_file)
            break
        except PermissionError:
            if attempt == REPLACE_TRIES - 1:
                raise
            time.sleep(REPLACE_PAUSE_SECONDS)
    _flush_folder(home.path)
    _clear_oldest(home, version)


def is_whole(home: Home, version: str) -> bool:
    """Return whether a version is here with every file as its manifest says."""
    folder = home.snapshots / version
    try:
        said = manifest(home, version)
    except SnapshotError:
        return False
    return all(
        (folder / name).is_file() and _digest(folder / name) == digest
        for name, digest in said.sha256.items()
    )


def served_version(home: Home) -> str | None:
    """Return the version being served, or None where there is none yet."""
    with contextlib.suppress(SnapshotError):
        return current_version(home)
    return None


def current_version(home: Home) -> str:
    """Return the version being served.

    Raises:
        SnapshotError: If nothing has been published, or `CURRENT` names what is not there.
    """
    try:
        version = home.current_file.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError as error:
        raise SnapshotError(
            f"{home.path}: nothing has been published here yet."
            " Run `python -m metrics publish` for this folder first."
        ) from error
    if not re.fullmatch(f"[0-9a-f]{{{VERSION_LENGTH}}}", version):
        raise SnapshotError(f"{home.current_file}: this does not name a snapshot; publish again")
    if not (home.snapshots / version / MANIFEST).is_file():
        raise SnapshotError(
            f"{home.current_file}: it names {version}, which is not in {home.snapshots.name};"
            " publish again"
        )
    return version


def discard(home: Home, version: str) -> None:
    """Remove a snapshot for good. Call it inside `publishing`, and not for the one served.

    Raises:
        SnapshotError: If the system does not let go of it.
    """
    place = home.snapshots / version
    try:
        _set_aside(place)
    except OSError as error:
        raise SnapshotError(
            f"{place}: this snapshot is open elsewhere and cannot be removed. Close the dashboard,"
            " and publish again."
        ) from error


def manifest(home: Home, version: str) -> Manifest:
    """Return what a version says of itself.

    Raises:
        SnapshotError: If the version is not here or its manifest cannot be read.
    """
    file = home.snapshots / version / MANIFEST
    try:
        return Manifest.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SnapshotError(f"{file}: this snapshot cannot be read; publish again") from error


def versions(home: Home) -> list[str]:
    """Return the versions that are kept, the newest first."""
    folders = [f for f in home.snapshots.glob("*") if re.fullmatch("[0-9a-f]{16}", f.name)]
    newest_first = sorted(folders, key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
    return [folder.name for folder in newest_first]


@contextlib.contextmanager
def records(home: Home, version: str, seconds: float) -> Iterator[Connection]:
    """Open a version's records to read and nothing else: for publishing's drafts, not for pages.

    Args:
        home: Where.
        version: The snapshot.
        seconds: The longest that one question may take.

    Raises:
        SnapshotError: If the version cannot be opened, or lacks a table that was asked for.
        MemoryError, TimeoutError: If a question needs more than there is.
    """
    file = home.snapshots / version / RECORDS
    config = LOCKED_DOWN | {"max_execution_time": str(int(seconds * 1000))}
    try:
        with duckdb.connect(str(file), read_only=True, config=config) as connection:
            yield connection
    except duckdb.OutOfMemoryException as error:
        raise MemoryError(str(error)) from error
    except duckdb.InterruptException as error:
        raise TimeoutError(str(error)) from error
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise SnapshotError(
            f"{home.path}: what is being shown was published before a table or column of these"
            " was known. Run `python -m metrics publish` first."
        ) from error
    except duckdb.IOException as error:
        raise SnapshotError(f"{file}: this snapshot cannot be opened") from error


_readers: dict[Path, Connection] = {}
_readers_lock = threading.Lock()
# What is still open when Python ends is reported as leaked.
atexit.register(_readers.clear)


def query(home: Home, version: str, sql: str, values: Sequence[object] = ()) -> pd.DataFrame:
    """Return the answer of one question to a version's restricted database, read only.

    Raises:
        SnapshotError: If the version cannot be opened.
    """
    with _reader(home.snapshots / version / RESTRICTED).cursor() as cursor:
        return cursor.execute(sql, list(values)).df()


def _reader(file: Path) -> Connection:
    with _readers_lock:
        if file not in _readers:
            while len(_readers) >= READERS_KEPT:
                _readers.pop(next(iter(_readers)))
            try:
                _readers[file] = duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN)
            except duckdb.Error as error:
                raise SnapshotError(f"{file}: this snapshot cannot be opened") from error
        return _readers[file]


def _verified(file: Path) -> str:
    """Return a finished database's digest, after opening it as a reader would."""
    with duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN) as connection:
        tables = connection.execute("SELECT COUNT(*) FROM duckdb_tables()").fetchone()
    if not tables or not tables[0]:
        raise SnapshotError(f"{file.name}: it was written empty; nothing was published")
    return _digest(file)


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flush(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _flush_folder(folder: Path) -> None:
    # Windows has no way to flush a folder, and needs none.
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _set_aside(place: Path) -> None:
    with _readers_lock:
        # Else this process would go on reading what was there before.
        _readers.pop(place / RESTRICTED, None)
    aside = place.with_name(f"building-old-{place.name}-{time.time_ns()}")
    place.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def _clear_oldest(home: Home, serving: str) -> None:
    for version in versions(home)[SNAPSHOTS_KEPT:]:
        if version != serving:
            # One that is still open elsewhere stays until the next time.
            shutil.rmtree(home.snapshots / version, ignore_errors=True)


def _quoted(file: Path) -> str:
    return str(file).replace("'", "''")
