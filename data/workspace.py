"""The only door to the workspace: what people write, as events that are only ever added.

An event is returned to whoever wrote it only after it is on the disk. There is one writer at a
time: within a process, whoever holds the lock writes for all who wait, in one transaction; between
processes, the database's own lock is taken before anything is read that a write depends on.

It is an SQLite file in the partnership's folder, or, where several servers share it, the database
named by the environment variable WORKSPACE_URL. (It is not in partnership.toml: the address can
hold a password, and the settings are copied into every snapshot.) What is one database's own stands
in the last section of this file. Only SQLite has been run; for PostgreSQL see docs/workspace.md.
"""

import atexit
import contextlib
import datetime
import json
import os
import secrets
import sqlite3
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.event import listen
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from data import chain
from data.authority import POLICY, Actor, ActorKind, Level, Scope, Verb, authorise
from data.chain import Chain
from data.errors import DataError, WorkspaceError
from data.home import Home

URL_VARIABLE = "WORKSPACE_URL"
# How long a process waits for another that is writing, in seconds.
WAIT_SECONDS = 30
LONGEST_ID = 200
LARGEST_BODY = 100_000
MOST_AT_ONCE = 500

_NUMBERS = ("seq", "actor_verified")
EVENT = sa.table(
    "event",
    *(
        sa.column(name, sa.BigInteger if name in _NUMBERS else sa.Text)
        for name in (*chain.SEALED, "hash")
    ),
)
BODY = sa.table(
    "event_body",
    sa.column("seq", sa.BigInteger),
    sa.column("salt", sa.Text),
    sa.column("body", sa.Text),
)
VERSION = sa.table(
    "schema_version", sa.column("version", sa.Integer), sa.column("applied_at", sa.Text)
)


@dataclass(frozen=True)
class Subject:
    """What an act is done to.

    Attributes:
        kind: Such as `batch`, `measure` or `event`.
        id: Which one.
    """

    kind: str
    id: str


@dataclass(frozen=True)
class Event:
    """Something that somebody did, as it was kept.

    Attributes:
        seq: The events' order, from 1 and without gaps. Clocks can be wrong; this cannot.
        at: When, in UTC.
        verb: A `Verb`, or the word of a newer program.
        body: What was said; None where it was redacted.
        hash: The hash of this event, which covers all the events before it.
    """

    seq: int
    id: str
    at: datetime.datetime
    actor: Actor
    verb: str
    area: Scope
    subject: Subject
    body: Mapping[str, Any] | None
    hash: str

    @property
    def redacted(self) -> bool:
        return self.body is None


@dataclass(frozen=True)
class _Draft:
    actor: Actor
    verb: Verb
    area: Scope
    subject: Subject
    body: str
    event_id: str | None


@dataclass
class _Waiting:
    """A draft in the queue of the one writer, and then what became of it."""

    draft: _Draft
    event: Event | None = None
    error: Exception | None = None
    done: bool = False


@dataclass
class Workspace:
    """The workspace of one partnership; use `Workspace.open`, and share it between threads."""

    name: str
    engine: sa.Engine
    file: Path | None
    identity: tuple[int, int] | None = None
    _queue: deque[_Waiting] = field(default_factory=deque)
    _one_writer: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, home: Home) -> "Workspace":
        """Return a partnership's workspace, made or brought up to date if need be.

        In one process, the same workspace is the same object.

        Raises:
            HomeError: If there is no partnership here.
            WorkspaceError: If it cannot be opened, or a newer version of the program wrote it.
        """
        home.settings()
        address = os.environ.get(URL_VARIABLE)
        key = address or str(home.workspace_file)
        with _opened_lock:
            known = _opened.get(key)
            if known is not None and known.is_in_its_place():
                return known
            if known is not None:
                known.engine.dispose()
            opened = cls._opened_anew(home, address)
            _opened[key] = opened
            return opened

    @classmethod
    def _opened_anew(cls, home: Home, address: str | None) -> "Workspace":
        if address:
            return cls._prepared(_engine_for(address), f"The workspace in {URL_VARIABLE}", None)
        return cls.in_file(home.workspace_file)

    @classmethod
    def in_file(cls, file: Path) -> "Workspace":
        """Return the workspace in an SQLite file that nobody else in this process has open.

        Raises:
            WorkspaceError: If it cannot be opened, or a newer version of the program wrote it.
        """
        url = sa.URL.create("sqlite", database=str(file))
        return cls._prepared(_engine_for(url), str(file), file)

    @classmethod
    def _prepared(cls, engine: sa.Engine, name: str, file: Path | None) -> "Workspace":
        workspace = cls(name, engine, file)
        try:
            workspace._bring_up_to_date()
        except BaseException:
            engine.dispose()
            raise
        workspace.identity = workspace._identity_now()
        return workspace

    @staticmethod
    def is_there(home: Home) -> bool:
        """Return whether anything can have been written here yet."""
        return bool(os.environ.get(URL_VARIABLE)) or home.workspace_file.exists()

    def close(self) -> None:
        """Close what is open; `Workspace.open` opens it again."""
        with _opened_lock:
            for key in [key for key, known in _opened.items() if known is self]:
                del _opened[key]
        self.engine.dispose()

    def is_in_its_place(self) -> bool:
        """Return whether the file is still the one that was opened, and not moved or replaced."""
        return self.identity == self._identity_now()

    def _identity_now(self) -> tuple[int, int] | None:
        if self.file is None:
            return None
        try:
            found = self.file.stat()
        except OSError:
            return (0, 0)
        return found.st_dev, found.st_ino

    # --- writing ---

    def append(
        self,
        actor: Actor,
        verb: Verb,
        area: Scope,
        subject: Subject,
        body: Mapping[str, Any] | None = None,
        *,
        event_id: str | None = None,
    ) -> Event:
        """Add an event and return it once it is on the disk.

        Args:
            actor: Who does it.
            verb: What is done. One that agrees to a proposal has the proposal's event as its
                subject: `Subject("event", proposal.id)`.
            area: For which part of the partnership.
            subject: To what.
            body: What is said, in values that JSON knows.
            event_id: An id chosen by the caller, so that trying again adds nothing: where an event
                of this id, and the same in all that was given, is there, that one is returned.

        Raises:
            NotAllowedError: If the policy does not allow it.
            WorkspaceError: If it cannot be saved. Nothing of it was kept.
        """
        draft = _Draft(actor, verb, area, subject, _body_text(body or {}), event_id)
        for given in (subject.kind, subject.id, area.id, actor.role, event_id or ""):
            if len(given) > LONGEST_ID or not given.isprintable():
                raise WorkspaceError(
                    f"An id or a role is one line of at most {LONGEST_ID} letters; this one is not."
                    " Nothing was saved."
                )
        return self._committed(draft)

    def redact(self, actor: Actor, event_id: str, why: str) -> Event:
        """Remove what an event says, for good, and return the event that stands as its tombstone.

        Who did it, when and to what stays; copies made before, such as backups, keep the text.

        Raises:
            NotAllowedError: If the policy does not allow it.
            WorkspaceError: If there is no such event, its text is gone already, or it cannot be
                saved.
        """
        event = self.event(event_id)
        tombstone = self.append(
            actor, Verb.REDACT, event.area, Subject("event", event.id), {"why": why}
        )
        with _said_in_words(self.name), self.engine.connect() as connection:
            _forget_old_pages(connection)
        return tombstone

    def _committed(self, draft: _Draft) -> Event:
        waiting = _Waiting(draft)
        self._queue.append(waiting)
        with self._one_writer:
            # Whoever had the lock before may have written this one with theirs.
            while not waiting.done:
                self._write_those_waiting()
        if waiting.error is not None:
            raise waiting.error
        assert waiting.event is not None
        return waiting.event

    def _write_those_waiting(self) -> None:
        """Write who waits in one transaction, and say of each what became of it."""
        group: list[_Waiting] = []
        written: list[Event | Exception] = []
        try:
            while self._queue and len(group) < MOST_AT_ONCE:
                group.append(self._queue.popleft())
            if not self.is_in_its_place():
                raise WorkspaceError(
                    f"{self.name}: the file was moved, removed or replaced while it was in use."
                    " Nothing was saved; try again."
                )
            with _said_in_words(self.name), self._writing() as connection:
                last = _last(connection)
                for waiting in group:
                    outcome = self._outcome(connection, waiting.draft, last)
                    written.append(outcome)
                    if isinstance(outcome, Event) and outcome.seq > last[0]:
                        last = outcome.seq, outcome.hash
        except BaseException as error:
            for waiting in group:
                waiting.done = True
                waiting.error = WorkspaceError(
                    str(error)
                    if isinstance(error, WorkspaceError)
                    else f"{self.name}: saving was broken off. Look whether it is there, and if"
                    " not, try again."
                )
            if not isinstance(error, WorkspaceError):
                raise
            return
        for waiting, outcome in zip(group, written, strict=True):
            if isinstance(outcome, Event):
                waiting.event = outcome
            else:
                waiting.error = outcome
            waiting.done = True

    def _outcome(
        self, connection: sa.Connection, draft: _Draft, last: tuple[int, str]
    ) -> Event | Exception:
        """Insert one event, or return why it may not be; the others of its group are unharmed."""
        try:
            answered = self._answered(connection, draft)
            authorise(draft.actor, draft.verb, draft.area, answered.actor if answered else None)
            known = self._written_before(connection, draft)
            return known or self._insert(connection, draft, last)
        except DataError as error:
            return error

    def _answered(self, connection: sa.Connection, draft: _Draft) -> Event | None:
        """Return the proposal that a draft agrees to, or None if its verb agrees to nothing."""
        answers = POLICY[draft.verb].answers
        if answers is None:
            return None
        found = _one(connection, EVENT.c.id == draft.subject.id)
        fits = (
            found is not None
            and draft.subject.kind == "event"
            and found.verb == answers
            and found.area == draft.area
        )
        return found if fits else None

    def _written_before(self, connection: sa.Connection, draft: _Draft) -> Event | None:
        if draft.event_id is None:
            return None
        found = _one(connection, EVENT.c.id == draft.event_id)
        if found is None:
            return None
        same = (found.actor, found.verb, found.area, found.subject) == (
            draft.actor,
            draft.verb,
            draft.area,
            draft.subject,
        )
        if not same or (found.body is not None and _body_text(found.body) != draft.body):
            raise WorkspaceError(
                f"{self.name}: there is another event with the id {draft.event_id}. Nothing was"
                " saved; use a new id for a new event."
            )
        return found

    def _insert(self, connection: sa.Connection, draft: _Draft, last: tuple[int, str]) -> Event:
        redacted = self._to_redact(connection, draft) if draft.verb is Verb.REDACT else None
        salt = secrets.token_hex(16)
        row: dict[str, Any] = {
            "seq": last[0] + 1,
            "id": draft.event_id or uuid.uuid4().hex,
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds"),
            "actor": draft.actor.name,
            "actor_kind": draft.actor.kind,
            "actor_verified": int(draft.actor.verified),
            "actor_role": draft.actor.role,
            "verb": str(draft.verb),
            "area_level": draft.area.level,
            "area_id": draft.area.id,
            "subject_kind": draft.subject.kind,
            "subject_id": draft.subject.id,
            "body_sha256": chain.body_digest(salt, draft.body),
            "previous_hash": last[1],
        }
        row["hash"] = chain.seal(row)
        body = {"seq": row["seq"], "salt": salt, "body": draft.body}
        connection.execute(sa.insert(EVENT), row)
        connection.execute(sa.insert(BODY), body)
        if redacted is not None:
            gone = sa.update(BODY).where(BODY.c.seq == redacted.seq)
            connection.execute(gone.values(salt=None, body=None))
        return _event({**row, **body})

    def _to_redact(self, connection: sa.Connection, draft: _Draft) -> Event:
        found = _one(connection, EVENT.c.id == draft.subject.id)
        if found is None or draft.subject.kind != "event":
            raise WorkspaceError(f"{self.name}: there is no event {draft.subject.id} to redact.")
        if found.redacted:
            raise WorkspaceError(f"{self.name}: event {found.seq} has been redacted already.")
        return found

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """Yield a connection in a transaction that no other writer can come between."""
        with self.engine.connect() as plain:
            connection = plain.execution_options(writing=True)
            with connection.begin():
                _take_the_lock(connection)
                yield connection

    # --- reading ---

    def events(
        self,
        *,
        since: int = 0,
        upto: int | None = None,
        verbs: Sequence[str] = (),
        area: Scope | None = None,
        subject: Subject | None = None,
    ) -> list[Event]:
        """Return events in order, of each kind that is named.

        Args:
            since: Only those after this number.
            upto: Only those up to and with this number; None for all.
            verbs: Only these; none named, all.
            area: Only those for this part of the partnership itself, not for the parts inside it.
            subject: Only those on this.

        Raises:
            WorkspaceError: If they cannot be read.
        """
        wanted = EVENT.c.seq > since
        if upto is not None:
            wanted &= EVENT.c.seq <= upto
        if verbs:
            wanted &= EVENT.c.verb.in_([str(verb) for verb in verbs])
        if area is not None:
            wanted &= (EVENT.c.area_level == area.level) & (EVENT.c.area_id == area.id)
        if subject is not None:
            wanted &= EVENT.c.subject_kind == subject.kind
            wanted &= EVENT.c.subject_id == subject.id
        with _said_in_words(self.name), self.engine.connect() as connection:
            rows = connection.execute(_with_bodies().where(wanted).order_by(EVENT.c.seq))
            return [_event(row) for row in rows.mappings()]

    def event(self, event_id: str) -> Event:
        """Return one event.

        Raises:
            WorkspaceError: If there is none of this id.
        """
        with _said_in_words(self.name), self.engine.connect() as connection:
            found = _one(connection, EVENT.c.id == event_id)
        if found is None:
            raise WorkspaceError(f"{self.name}: there is no event {event_id}.")
        return found

    def last(self) -> tuple[int, str]:
        """Return the number and the hash of the last event; 0 and the first hash before any."""
        with _said_in_words(self.name), self.engine.connect() as connection:
            return _last(connection)

    def last_seq(self) -> int:
        """Return the number of the last event; 0 before any."""
        return self.last()[0]

    def hash_of(self, seq: int) -> str | None:
        """Return the hash of the event of a number, or None where there is none."""
        if seq == 0:
            return chain.FIRST_HASH
        with _said_in_words(self.name), self.engine.connect() as connection:
            return connection.execute(
                sa.select(EVENT.c.hash).where(EVENT.c.seq == seq)
            ).scalar_one_or_none()

    def verify(self) -> Chain:
        """Read every event in order and return how far the chain holds.

        Raises:
            WorkspaceError: If the file itself is damaged.
        """
        with _said_in_words(self.name), self.engine.connect() as connection:
            if not _file_is_sound(connection):
                raise WorkspaceError(f"{self.name}: {_DAMAGED}")
            rows = connection.execution_options(yield_per=1_000).execute(
                _with_bodies().order_by(EVENT.c.seq)
            )
            return chain.verify(dict(row) for row in rows.mappings())

    def copy_to(self, file: Path) -> None:
        """Write a copy, as it is at one moment, to a new SQLite file; others may go on writing.

        Raises:
            WorkspaceError: If it cannot be written, or this is not an SQLite workspace.
        """
        with _said_in_words(self.name), self.engine.connect() as connection:
            _copy(connection, file)

    # --- migrations ---

    def _bring_up_to_date(self) -> None:
        newest = len(MIGRATIONS)
        with _said_in_words(self.name), self.engine.connect() as connection:
            if self._schema(connection) == newest:
                return
        with _said_in_words(self.name), self._writing() as connection:
            # Somebody else may have done it in the meantime.
            schema = self._schema(connection)
            if 0 < schema < newest and self.file is not None:
                self._keep_copy(newest)
            for number in range(schema + 1, newest + 1):
                MIGRATIONS[number - 1](connection)
                now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
                connection.execute(sa.insert(VERSION).values(version=number, applied_at=now))

    def _schema(self, connection: sa.Connection) -> int:
        if not sa.inspect(connection).has_table(VERSION.name):
            return 0
        schema = connection.execute(sa.select(sa.func.max(VERSION.c.version))).scalar() or 0
        if schema > len(MIGRATIONS):
            raise WorkspaceError(
                f"{self.name}: a newer version of the program wrote this (form {schema}; this"
                f" version knows up to {len(MIGRATIONS)}). Use the newer version, or restore a"
                " backup from before. Nothing was changed."
            )
        return schema

    def _keep_copy(self, newest: int) -> None:
        assert self.file is not None
        copy = self.file.with_name(f"{self.file.stem}.before-{newest}{self.file.suffix}")
        partial = copy.with_name(f".{copy.name}.partial")
        partial.unlink(missing_ok=True)
        # Another connection: what is copied is what was there before this transaction.
        with self.engine.connect() as connection:
            _copy(connection, partial)
        os.replace(partial, copy)


def last_written(home: Home) -> tuple[int, str]:
    """Return the number and the hash of the last event of a home; 0 where nothing was written.

    Raises:
        WorkspaceError: If the workspace cannot be opened.
    """
    if not Workspace.is_there(home):
        return 0, chain.FIRST_HASH
    return Workspace.open(home).last()


_opened: dict[str, Workspace] = {}
_opened_lock = threading.Lock()


@atexit.register
def _close_all() -> None:
    for workspace in list(_opened.values()):
        workspace.close()


def _body_text(body: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(body, allow_nan=False, sort_keys=True, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise WorkspaceError(f"What was said cannot be kept as JSON: {error}") from error
    if len(text) > LARGEST_BODY:
        raise WorkspaceError(
            f"This is too long to keep: {len(text):,} letters of at most {LARGEST_BODY:,}."
            " Nothing was saved; shorten it and try again."
        )
    return text


def _last(connection: sa.Connection) -> tuple[int, str]:
    latest = sa.select(EVENT.c.seq, EVENT.c.hash).order_by(EVENT.c.seq.desc()).limit(1)
    row = connection.execute(latest).first()
    return (row.seq, row.hash) if row else (0, chain.FIRST_HASH)


def _with_bodies() -> sa.Select[Any]:
    return sa.select(*EVENT.c, BODY.c.salt, BODY.c.body).select_from(
        EVENT.outerjoin(BODY, EVENT.c.seq == BODY.c.seq)
    )


def _one(connection: sa.Connection, wanted: sa.ColumnElement[bool]) -> Event | None:
    row = connection.execute(_with_bodies().where(wanted)).mappings().first()
    return _event(row) if row is not None else None


def _event(row: Mapping[str, Any] | sa.RowMapping) -> Event:
    try:
        return _event_of(row)
    except (TypeError, ValueError) as error:
        raise WorkspaceError(
            f"Event {row['seq']} cannot be read: it is not as it was written. `python -m data"
            " audit` says where the damage begins; restore a backup from before it."
        ) from error


def _event_of(row: Mapping[str, Any] | sa.RowMapping) -> Event:
    return Event(
        seq=row["seq"],
        id=row["id"],
        at=datetime.datetime.fromisoformat(row["at"]),
        actor=Actor(
            name=row["actor"],
            role=row["actor_role"],
            kind=cast(ActorKind, row["actor_kind"]),
            verified=bool(row["actor_verified"]),
        ),
        verb=row["verb"],
        area=Scope(cast(Level, row["area_level"]), row["area_id"]),
        subject=Subject(row["subject_kind"], row["subject_id"]),
        body=None if row["body"] is None else json.loads(row["body"]),
        hash=row["hash"],
    )


# --- migrations: one step forward each, never edited once released; add the next at the end ---


def _first_tables(connection: sa.Connection) -> None:
    tables = sa.MetaData()
    sa.Table(
        "schema_version",
        tables,
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("applied_at", sa.Text, nullable=False),
    )
    words = (*chain.SEALED[1:5], *chain.SEALED[6:14], "hash")
    sa.Table(
        "event",
        tables,
        # Given by the writer, not by the database: a transaction that fails leaves no gap.
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("actor_verified", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False, unique=name == "id") for name in words),
    )
    sa.Table(
        "event_body",
        tables,
        sa.Column(
            "seq", sa.BigInteger, sa.ForeignKey("event.seq"), primary_key=True, autoincrement=False
        ),
        sa.Column("salt", sa.Text),
        sa.Column("body", sa.Text),
    )
    tables.create_all(connection, checkfirst=False)
    for statement in _TRIGGERS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


def _indexes_for_folds(connection: sa.Connection) -> None:
    connection.execute(sa.text("CREATE INDEX event_by_verb ON event (verb, seq)"))
    connection.execute(
        sa.text("CREATE INDEX event_by_subject ON event (subject_kind, subject_id, seq)")
    )


MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (_first_tables, _indexes_for_folds)


# --- what is one database's own: nothing above this line is ---

_DAMAGED = (
    "this file is damaged. Keep it, restore the last backup into a new folder with"
    " `python -m data restore`, and compare."
)
# What SQLite's errors mean to a person, by the beginning of their names.
_IN_WORDS = {
    "SQLITE_BUSY": (
        f"somebody else has been writing for {WAIT_SECONDS} seconds. Nothing was saved; try again."
    ),
    "SQLITE_LOCKED": "somebody else is writing. Nothing was saved; try again.",
    "SQLITE_FULL": "the disk is full. Nothing was saved; make room and try again.",
    "SQLITE_READONLY": (
        "this file or its folder may only be read by this account. Nothing was saved; ask for the"
        " right to write there."
    ),
    "SQLITE_PERM": "this account may not use this file. Ask for the right to read and write it.",
    "SQLITE_CANTOPEN": (
        "this file cannot be opened or made. Look whether its folder is there, and whether this"
        " account may write in it."
    ),
    "SQLITE_IOERR": (
        "the disk refused to read or write. Nothing was saved; look whether it is full or has"
        " been disconnected."
    ),
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
}


@contextlib.contextmanager
def _said_in_words(name: str) -> Iterator[None]:
    """Raise what a person can put right as a WorkspaceError; never with what was written."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raw = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(raw, sqlite3.Error):
            # Text that is no longer UTF-8 is refused by Python, which gives no name.
            found = getattr(raw, "sqlite_errorname", None) or "SQLITE_CORRUPT"
            for beginning, words in _IN_WORDS.items():
                if found.startswith(beginning):
                    raise WorkspaceError(f"{name}: {words}") from error
        elif isinstance(error, DBAPIError) and (
            error.connection_invalidated or isinstance(error, OperationalError)
        ):
            raise WorkspaceError(
                f"{name}: the database cannot be reached or refused to answer. Nothing was saved;"
                " try again, and ask whoever looks after the database."
            ) from error
        raise


def _engine_for(address: str | sa.URL) -> sa.Engine:
    try:
        engine = sa.create_engine(address, pool_size=5, max_overflow=-1)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise WorkspaceError(
            f"{URL_VARIABLE}: this is not the address of a database that can be used here. Write"
            " one such as postgresql+psycopg://SERVER/NAME, and install its driver (here psycopg)."
        ) from error
    if engine.dialect.name not in _TRIGGERS:
        raise WorkspaceError(
            f"{URL_VARIABLE}: a workspace can be kept in {' or '.join(_TRIGGERS)}, and not in"
            f" {engine.dialect.name}."
        )
    if engine.dialect.name == "sqlite":
        listen(engine, "connect", _set_up_sqlite)
        listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # SQLAlchemy says BEGIN, below, and not the driver, which would say it too late.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1_000}")
    connection.execute("PRAGMA journal_mode = WAL")
    # A commit returns when it is on the disk, and not only on its way there.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is redacted is overwritten, and not only forgotten.
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _take_the_lock(connection: sa.Connection) -> None:
    """Let nobody else write until the transaction ends."""
    if connection.dialect.name == "sqlite":
        # BEGIN IMMEDIATE has it already, once the connection has begun.
        return
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(0x636D7773)))


def _file_is_sound(connection: sa.Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return True
    return connection.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"


def _forget_old_pages(connection: sa.Connection) -> None:
    """Empty the log of changes, which still holds the page that a redacted text stood on."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        # Outside a transaction. Where somebody is reading, the next redaction or closing does it.
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _copy(connection: sa.Connection, file: Path) -> None:
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise WorkspaceError(
            f"The workspace in {URL_VARIABLE} is not a file: have its database backed up with its"
            " own tools, such as pg_dump."
        )
    target = sqlite3.connect(file)
    try:
        raw.backup(target)
        # One file, without a log beside it.
        target.execute("PRAGMA journal_mode = DELETE").fetchall()
    finally:
        target.close()


_REDACTED_BY_AN_EVENT = """EXISTS (
    SELECT 1 FROM event AS tombstone JOIN event AS redacted ON tombstone.subject_id = redacted.id
    WHERE redacted.seq = OLD.seq AND tombstone.verb = 'redact' AND tombstone.subject_kind = 'event'
)"""
_TRIGGERS = {
    "sqlite": (
        """CREATE TRIGGER event_is_new BEFORE INSERT ON event
        WHEN EXISTS (SELECT 1 FROM event WHERE seq = NEW.seq OR id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'an event is never replaced'); END""",
        """CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'an event is never changed'); END""",
        """CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'an event is never removed'); END""",
        """CREATE TRIGGER body_is_new BEFORE INSERT ON event_body
        WHEN EXISTS (SELECT 1 FROM event_body WHERE seq = NEW.seq)
        BEGIN SELECT RAISE(ABORT, 'a text is never replaced'); END""",
        f"""CREATE TRIGGER body_is_only_redacted BEFORE UPDATE ON event_body
        WHEN NEW.seq <> OLD.seq OR NEW.salt IS NOT NULL OR NEW.body IS NOT NULL
        OR NOT {_REDACTED_BY_AN_EVENT}
        BEGIN SELECT RAISE(ABORT, 'a text is never changed, only redacted by an event'); END""",
        """CREATE TRIGGER body_is_not_removed BEFORE DELETE ON event_body
        BEGIN SELECT RAISE(ABORT, 'a text is never removed, only redacted by an event'); END""",
    ),
    # An insert over what is there fails by its primary key; nothing replaces rows in silence.
    "postgresql": (
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'an event is never changed or removed'; END $$""",
        f"""CREATE FUNCTION refuse_all_but_redaction() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.seq <> OLD.seq OR NEW.salt IS NOT NULL OR NEW.body IS NOT NULL
            OR NOT {_REDACTED_BY_AN_EVENT}
            THEN RAISE EXCEPTION 'a text is never changed, only redacted by an event'; END IF;
            RETURN NEW;
        END $$""",
        """CREATE TRIGGER event_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON event
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
        """CREATE TRIGGER body_is_only_redacted BEFORE UPDATE ON event_body
        FOR EACH ROW EXECUTE FUNCTION refuse_all_but_redaction()""",
        """CREATE TRIGGER body_is_not_removed BEFORE DELETE OR TRUNCATE ON event_body
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()""",
    ),
}
