"""Who may do what: one place decides, and says in words what is needed."""

import pytest

from data import authority
from data.authority import POLICY, WHOLE_PARTNERSHIP, Actor, Scope, Verb, authorise, in_words
from data.errors import NotAllowedError

ANN, BOB = Actor("Ann"), Actor("Bob")
TEAM = Scope("team", "N1")


def test_every_verb_has_its_rule_and_its_words():
    assert set(POLICY) == set(Verb)
    assert all(in_words(verb) != verb for verb in Verb)
    assert set(authority._WORDS) == set(Verb)


def test_a_verb_of_a_newer_program_is_said_as_it_is_written():
    assert in_words("close_ballot") == "close ballot"


@pytest.mark.parametrize("verb", [verb for verb, rule in POLICY.items() if rule.answers is None])
def test_a_typed_name_may_do_everything_that_needs_no_second_person(verb):
    authorise(ANN, verb, WHOLE_PARTNERSHIP)
    if not POLICY[verb].whole_partnership_only:
        authorise(ANN, verb, TEAM)


@pytest.mark.parametrize("verb", [verb for verb, rule in POLICY.items() if rule.answers])
def test_what_needs_a_second_person_needs_a_proposal_by_another(verb):
    authorise(BOB, verb, TEAM, proposer=ANN)
    with pytest.raises(NotAllowedError, match="Ann proposed it, so somebody else must agree"):
        authorise(Actor("  aNN "), verb, TEAM, proposer=ANN)
    with pytest.raises(NotAllowedError, match="name the proposal"):
        authorise(BOB, verb, TEAM)


@pytest.mark.parametrize(
    ("actor", "verb", "area", "said"),
    [
        (Actor(""), Verb.NOTE, TEAM, "To write a note, say who you are"),
        (Actor("A\nB"), Verb.NOTE, TEAM, "on one line"),
        (Actor("A" * 81), Verb.NOTE, TEAM, "at most 80 letters"),
        (ANN, Verb.BACKUP, TEAM, "for the whole partnership"),
        (ANN, Verb.NOTE, Scope("team"), "one locality or team by its id"),
        (ANN, Verb.NOTE, Scope("partnership", "N1"), "one locality or team by its id"),
    ],
)
def test_what_is_not_allowed_is_said_in_words(actor, verb, area, said):
    with pytest.raises(NotAllowedError, match=said):
        authorise(actor, verb, area)


def test_a_typed_name_is_said_to_be_unverified():
    assert Actor.typed(" Ann ").in_words == "Ann (unverified)"
    assert Actor("Ann", verified=True).in_words == "Ann"
    assert Actor.typed().name
