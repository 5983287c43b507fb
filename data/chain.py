"""The chain of hashes that shows whether an event was changed, removed or put in later.

Each event's hash covers its own fields and the hash of the event before it. Of its body it covers
a salted digest only, so that a body can be redacted while the chain still holds: without the salt,
which goes with the body, nobody can guess a short text from its digest.

The chain shows what was changed by accident or by hand. Somebody who can write the file could
change an event and work out every later hash anew; then the last hash differs from the one that
each snapshot and each backup names.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FIRST_HASH = "0" * 64
# What a hash covers, in this order. A field that is added later joins at the end.
SEALED = (
    "seq",
    "id",
    "at",
    "actor",
    "actor_kind",
    "actor_verified",
    "actor_role",
    "verb",
    "area_level",
    "area_id",
    "subject_kind",
    "subject_id",
    "body_sha256",
    "previous_hash",
)


@dataclass(frozen=True)
class Chain:
    """What was found when every event was read in order.

    Attributes:
        events: How many events hold, from the first.
        last_hash: The hash of the last that holds.
        fault: In words, where the chain breaks; '' where it is whole.
    """

    events: int
    last_hash: str
    fault: str = ""

    @property
    def is_whole(self) -> bool:
        return not self.fault


def seal(row: Mapping[str, Any]) -> str:
    """Return the hash of an event from its stored fields."""
    # A field damaged into another type is written some way too, and the hash then differs.
    text = json.dumps([row[name] for name in SEALED], separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def body_digest(salt: str, body: str) -> str:
    """Return the digest that stands for a body in the chain."""
    return hashlib.sha256(f"{salt}\n{body}".encode()).hexdigest()


def verify(rows: Iterable[Mapping[str, Any]]) -> Chain:
    """Return how far a chain holds.

    Args:
        rows: Every event in order, with the fields of `SEALED`, `hash`, and `salt` and `body`,
            both None where the body was redacted.
    """
    held, last = 0, FIRST_HASH
    redacted: dict[str, int] = {}
    tombstones: set[str] = set()
    for row in rows:
        fault = _fault(row, held + 1, last)
        if fault:
            return Chain(held, last, fault)
        held, last = held + 1, row["hash"]
        if row["body"] is None:
            redacted[row["id"]] = row["seq"]
        if row["verb"] == "redact":
            tombstones.add(row["subject_id"])
    for event_id, seq in redacted.items():
        if event_id not in tombstones:
            fault = f"event {seq} has lost its text, and no event says that it was redacted"
            return Chain(held, last, fault)
    return Chain(held, last)


def _fault(row: Mapping[str, Any], expected: int, last: str) -> str:
    if row["seq"] != expected:
        return f"event {expected} is missing or out of its place"
    if row["previous_hash"] != last:
        return f"event {expected} does not follow from the one before it"
    if seal(row) != row["hash"]:
        return f"event {expected} is not as it was written"
    salt, body = row["salt"], row["body"]
    if salt is None and body is None:
        return ""
    # One without the other, or of another type, is damage too; redaction takes both.
    if not (isinstance(salt, str) and isinstance(body, str)):
        return f"the text of event {expected} is not whole"
    if body_digest(salt, body) != row["body_sha256"]:
        return f"the text of event {expected} is not as it was written"
    return ""
