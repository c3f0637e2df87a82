"""The ground that the state machine of test_model.py stands on: the session, the model beside it, and how an answer is compared with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from chalicelib.operations import links
from chalicelib.operations.invitations import Accepted, accept
from chalicelib.rules.drafts.invitations import Acceptance
from chalicelib.rules.drafts.registrations import ParticipantDraft
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import invitations, ledger, registrations
from tests.live.ledger.model import Model, Party
from tests.live.ledger.scene import NOW, ORG, named
from tests.live.ledger.wire import CrashedError, crash

T = TypeVar("T")
MOST_EXTRA = 4
RUNS = {"examples": 0, "steps": 0, "crashes": 0}


class Scene(RuleBasedStateMachine):
    """A session, and what the model says of it."""

    def __init__(self) -> None:
        super().__init__()
        ledger.gate._full.clear()
        RUNS["examples"] += 1
        self.now = NOW
        self.model = Model(0, MOST_EXTRA)
        self.session = ""

    def do(self, crash_at: int, deed: Callable[[], T]) -> T:
        """Do it; killed after a request of it, do it again, as whoever was not answered does."""
        RUNS["steps"] += 1
        if crash_at:
            try:
                with crash(crash_at, after=True):
                    return deed()
            except CrashedError:
                RUNS["crashes"] += 1
        return deed()

    def told(self, crash_at: int, deed: Callable[[], T]) -> T | Refusal:
        try:
            return self.do(crash_at, deed)
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
        """Return what the party's link must show."""
        if party.state == "held" and not party.live(self.now):
            return "expired"
        return "accepted" if party.state in {"taken", "removed"} else party.state

    def seats(self, answer: str, told: Any, size: int) -> bool:
        """Compare what was answered with what the model says; True when there are spots now."""
        free = self.model.spots(self.now).free
        if answer == "full":
            assert isinstance(told, SessionFull)
            assert (told.free, told.wanted) == (free, size)
        elif answer == "too many extras":
            assert isinstance(told, TooManyExtras)
        else:
            assert not isinstance(told, Refusal), told
        return answer in {"yes", "extra"}

    def follow(self, registration: Any) -> None:
        """Note on the rows what the stream notes there."""
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
    form = Acceptance(email=party.waits, name="Ana", participants=[ParticipantDraft(name="Kim")])
    return accept(links.invitation_token(party.invitation), form, locale="en", now=now)
