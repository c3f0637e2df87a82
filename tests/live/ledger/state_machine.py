"""The base of the state machine in test_model.py: the session, the model, and the comparison of answers with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from chalicelib.operations import links
from chalicelib.operations.invitations import Accepted, accept
from chalicelib.rules.inputs.invitations import AcceptInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import invitations, ledger, registrations
from tests.live.ledger.model import Model, Party
from tests.live.ledger.network_faults import CrashedError, crash
from tests.live.ledger.scenario import NOW, ORG, named

T = TypeVar("T")
MOST_EXTRA = 4
RUNS = {"examples": 0, "steps": 0, "crashes": 0}


class StateMachine(RuleBasedStateMachine):
    """A session, and its model."""

    def __init__(self) -> None:
        super().__init__()
        ledger.full_cache._full.clear()
        RUNS["examples"] += 1
        self.now = NOW
        self.model = Model(0, MOST_EXTRA)
        self.session = ""
        self.turn = 0

    def do(self, crash_at: int, action: Callable[[], T]) -> T:
        """Run the action; after a crash, run it again, as a client without an answer does."""
        RUNS["steps"] += 1
        if crash_at:
            try:
                with crash(crash_at, after=True):
                    return action()
            except CrashedError:
                RUNS["crashes"] += 1
        return action()

    def outcome_of(self, crash_at: int, action: Callable[[], T]) -> T | Refusal:
        try:
            return self.do(crash_at, action)
        except Refusal as refusal:
            return refusal

    @property
    def invited(self) -> list[Party]:
        return [party for party in self.model.parties if party.invitation]

    @property
    def seated(self) -> list[Party]:
        return [party for party in self.model.parties if party.registration]

    def public_id(self, thing: Any) -> str:
        return named(self.session, thing.id)

    def status(self, party: Party) -> str:
        """Return the status that the party's link must show."""
        if party.state == "held" and not party.live(self.now):
            return "expired"
        return "accepted" if party.state in {"taken", "removed"} else party.state

    def seats(self, answer: str, outcome: Any, size: int) -> bool:
        """Compare the answer with the model's; True if the party has spots now."""
        free = self.model.spots(self.now).free
        if answer == "full":
            assert isinstance(outcome, SessionFull)
            assert (outcome.free, outcome.wanted) == (free, size)
        elif answer == "too many extras":
            assert isinstance(outcome, TooManyExtras)
        else:
            assert not isinstance(outcome, Refusal), outcome
        return answer in {"yes", "extra"}

    def follow(self, registration: Any) -> None:
        """Update the rows as the stream does."""
        registrations.mark_confirmed(ORG, self.session, registration.id, now=self.now)
        if registration.invitation:
            invitations.mark_accepted(
                ORG, self.session, registration.invitation, nonce=registration.nonce, registration=registration.id, by=registration.email
            )

    def seated_by(self, party: Party, done: Accepted) -> None:
        self.follow(done.registration)
        party.state, party.until, party.registration, party.waits = "taken", None, done.registration, ""


def accept_again(party: Party, now: datetime) -> Any:
    assert party.invitation
    form = AcceptInput(email=party.waits, name="Ana", participants=[ParticipantInput(name="Kim")])
    return accept(links.invitation_token(party.invitation), form, locale="en", now=now)
