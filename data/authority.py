"""Who may do what, and where: every act on the workspace is allowed here or not at all.

Until there is sign-in, a name is what somebody typed: it is kept as "unverified", and it may do
everything except agree to its own proposal.

To add a verb, add a member to `Verb` and a line to `POLICY`; `authorise` needs no change unless a
new kind of rule is needed, which then belongs here and nowhere else.
"""

import getpass
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from data.errors import NotAllowedError

LONGEST_NAME = 80

ActorKind = Literal["person", "program"]
Level = Literal["partnership", "locality", "team"]


class Verb(StrEnum):
    """What can be done. A value is stored, so it never changes once it has been used."""

    LOAD = "load"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"
    ERASE = "erase"
    SUBMIT_COUNTS = "submit_counts"
    NOTE = "note"
    REDACT = "redact"
    PROPOSE_STEP = "propose_step"
    APPROVE_STEP = "approve_step"
    WITHDRAW_STEP = "withdraw_step"
    BACKUP = "backup"
    RESTORE = "restore"


@dataclass(frozen=True)
class Actor:
    """Who does something.

    Attributes:
        name: As typed, or as known from sign-in.
        role: What they act as, such as `analyst`; '' where nobody asked.
        kind: A person, or a program that runs by itself.
        verified: Whether sign-in vouches for the name. Nothing does yet.
    """

    name: str
    role: str = ""
    kind: ActorKind = "person"
    verified: bool = False

    @classmethod
    def typed(cls, name: str | None = None) -> "Actor":
        """Return somebody by the name they typed, else by that of their account here."""
        return cls((name if name is not None else _account()).strip())

    @property
    def in_words(self) -> str:
        return self.name if self.verified else f"{self.name} (unverified)"

    def is_same_person_as(self, other: "Actor") -> bool:
        """Return whether two names are one but for capitals and spaces."""
        return self._plain == other._plain

    @property
    def _plain(self) -> str:
        return "".join(self.name.split()).casefold()


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # Some systems run programs under a number that has no name.
        return "somebody"


@dataclass(frozen=True)
class Scope:
    """The part of the partnership that an act is about.

    Attributes:
        level: The whole partnership, a locality or a team.
        id: The locality's or the team's id; '' for the whole partnership.
    """

    level: Level
    id: str = ""


WHOLE_PARTNERSHIP = Scope("partnership")


@dataclass(frozen=True)
class Rule:
    """What one verb needs.

    Attributes:
        answers: The verb that this one agrees to; somebody else must have done that one.
        whole_partnership_only: It cannot be done for one team or one locality.
    """

    answers: Verb | None = None
    whole_partnership_only: bool = False


POLICY: dict[Verb, Rule] = {
    Verb.LOAD: Rule(),
    Verb.WITHDRAW: Rule(),
    Verb.REINSTATE: Rule(),
    Verb.ERASE: Rule(),
    Verb.SUBMIT_COUNTS: Rule(),
    Verb.NOTE: Rule(),
    Verb.REDACT: Rule(),
    Verb.PROPOSE_STEP: Rule(),
    Verb.APPROVE_STEP: Rule(answers=Verb.PROPOSE_STEP),
    Verb.WITHDRAW_STEP: Rule(),
    Verb.BACKUP: Rule(whole_partnership_only=True),
    Verb.RESTORE: Rule(whole_partnership_only=True),
}


def authorise(actor: Actor, verb: Verb, area: Scope, proposer: Actor | None = None) -> None:
    """Return if somebody may do this here.

    Args:
        actor: Who wants to.
        verb: What they want to do.
        area: For which part of the partnership.
        proposer: Who proposed what this agrees to, for a verb that answers another.

    Raises:
        NotAllowedError: If they may not; it says what is needed.
    """
    rule = POLICY[verb]
    doing = in_words(verb)
    if not actor.name.strip():
        raise NotAllowedError(f"To {doing}, say who you are: a name is needed.")
    if len(actor.name) > LONGEST_NAME or not actor.name.isprintable():
        raise NotAllowedError(
            f"To {doing}, give your name on one line, in at most {LONGEST_NAME} letters."
        )
    if (area.level == "partnership") != (area.id == ""):
        raise NotAllowedError(
            f"To {doing}, say for which part of the partnership: the whole of it, or one"
            " locality or team by its id."
        )
    if rule.whole_partnership_only and area != WHOLE_PARTNERSHIP:
        raise NotAllowedError(
            f"To {doing}, do it for the whole partnership, and not for one part of it."
        )
    if rule.answers is None:
        return
    if proposer is None:
        raise NotAllowedError(
            f"To {doing}, name the proposal: somebody must {in_words(rule.answers)} first."
        )
    if actor.is_same_person_as(proposer):
        raise NotAllowedError(
            f"To {doing} needs a second person: {proposer.name} proposed it, so somebody else"
            " must agree to it."
        )


def in_words(verb: str) -> str:
    """Return a verb as it is said in a sentence, also one of a newer program."""
    return _WORDS.get(verb, verb.replace("_", " "))


_WORDS: dict[str, str] = {
    Verb.LOAD: "load a file",
    Verb.WITHDRAW: "withdraw a batch",
    Verb.REINSTATE: "bring a withdrawn batch back",
    Verb.ERASE: "erase a batch",
    Verb.SUBMIT_COUNTS: "submit counts",
    Verb.NOTE: "write a note",
    Verb.REDACT: "redact what was written",
    Verb.PROPOSE_STEP: "propose a step change",
    Verb.APPROVE_STEP: "approve a step change",
    Verb.WITHDRAW_STEP: "withdraw a step change",
    Verb.BACKUP: "make a backup",
    Verb.RESTORE: "restore a backup",
}
