"""R3: after any sequence of actions and crashes, the ledger matches a simple model."""

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test

from chalicelib.operations import links
from chalicelib.operations.invitations import (
    Accepted,
    WaitsForApproval,
    accept,
    approve,
    cancel_invitation,
    decline,
    reject,
    resend,
    revive,
    sweep,
)
from chalicelib.operations.registrations import remove_registration
from chalicelib.operations.sessions import keep_extra
from chalicelib.rules import ledger as rules
from chalicelib.rules.inputs.invitations import AcceptInput, ReviveInput
from chalicelib.rules.inputs.registrations import ParticipantInput
from chalicelib.rules.invitations import (
    ApprovalPending,
    Invitation,
    InvitationAccepted,
    InvitationEnded,
    InvitationNotEnded,
    InvitationNotPending,
    InvitationUsed,
)
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import ledger
from tests.live.ledger import race_report
from tests.live.ledger.invariants import breaches
from tests.live.ledger.model import Party
from tests.live.ledger.scenario import ORG, forget_full, fresh, invited, open_session, registered, resized
from tests.live.ledger.state_machine import MOST_EXTRA, RUNS, StateMachine, accept_again

pytestmark = pytest.mark.live
INDEXES = {"due"}

EXAMPLES = 500 if os.environ.get("CI") else 60
STEPS = 10

sizes = st.integers(1, 4)
moments = st.integers(1, 6)
crashes = st.one_of(st.just(0), st.just(0), st.integers(1, 7))
picks = st.integers(0, 30)


class Session(StateMachine):
    """People on one session of a few small chunks."""

    @initialize(total=st.integers(0, 8))
    def open(self, total: int) -> None:
        self.session = open_session(total)
        self.model.total = total

    @rule(size=sizes, over=st.booleans(), minutes=moments, crash_at=crashes, forwarding=st.sampled_from(["open", "approve"]))
    def invite(self, size: int, over: bool, minutes: int, crash_at: int, forwarding: str) -> None:
        until, key = self.now + timedelta(minutes=minutes), fresh("key")
        answer = self.model.answer(size, over=over, now=self.now)
        more: dict[str, Any] = {"expires_at": until, "forwarding": forwarding}
        email = f"{fresh('guest')}@example.org"
        outcome = self.outcome_of(crash_at, lambda: invited(self.session, email, party=size, key=key, now=self.now, over=over, **more))
        if self.seats(answer, outcome, size):
            assert not isinstance(outcome, Refusal)
            extra = size if answer == "extra" else 0
            assert outcome.invitation.extra == extra
            self.model.parties.append(Party(size, "held", extra, until, outcome.invitation))

    @rule(size=sizes, crash_at=crashes)
    def register(self, size: int, crash_at: int) -> None:
        key, email = fresh("key"), f"{fresh('parent')}@example.org"
        forget_full(self.session)
        outcome = self.outcome_of(crash_at, lambda: registered(self.session, email, party=size, key=key, now=self.now))
        if self.seats(self.model.answer(size, over=False, now=self.now), outcome, size):
            assert not isinstance(outcome, Refusal)
            self.follow(outcome.registration)
            self.model.parties.append(Party(size, "taken", registration=outcome.registration))

    @precondition(lambda self: self.invited)
    @rule(pick=picks, forwarded=st.booleans(), crash_at=crashes)
    def accept(self, pick: int, forwarded: bool, crash_at: int) -> None:
        party = self.invited[pick % len(self.invited)]
        invitation = party.invitation
        assert invitation
        email = f"friend-of-{invitation.email}" if forwarded else invitation.email
        form = AcceptInput(email=email, name="Ana", participants=[ParticipantInput(name="Kim")])
        token = links.invitation_token(invitation)
        outcome = self.outcome_of(crash_at, lambda: accept(token, form, locale="en", now=self.now))
        status = self.status(party)
        if status == "held" and forwarded and invitation.forwarding == "approve":
            assert isinstance(outcome, ApprovalPending if party.waits not in {"", email} else WaitsForApproval)
            party.waits = party.waits or email
        elif status == "held":
            assert isinstance(outcome, Accepted), outcome
            self.seated_by(party, outcome)
        elif status == "accepted":
            assert party.registration
            if party.registration.email != email:
                assert isinstance(outcome, InvitationUsed)
            elif party.state == "removed":
                assert isinstance(outcome, InvitationEnded)
            else:
                assert isinstance(outcome, Accepted)
                assert not outcome.new
                assert outcome.registration.id == party.registration.id
        else:
            assert isinstance(outcome, InvitationEnded)
            assert outcome.status == status

    @precondition(lambda self: any(party.waits for party in self.invited))
    @rule(pick=picks, yes=st.booleans(), crash_at=crashes)
    def decide(self, pick: int, yes: bool, crash_at: int) -> None:
        waiting = [party for party in self.invited if party.waits]
        party = waiting[pick % len(waiting)]
        id = self.public_id(party.invitation)
        if self.status(party) != "held":
            outcome = self.outcome_of(0, lambda: approve(ORG, id, now=self.now) if yes else reject(ORG, id, now=self.now))
            assert isinstance(outcome, InvitationEnded)
        elif yes:
            done = self.outcome_of(crash_at, lambda: approve(ORG, id, now=self.now))
            if isinstance(done, InvitationEnded):
                # It was done before the crash, and the link shows the right state.
                assert done.status == "accepted"
                done = accept_again(party, self.now)
            assert isinstance(done, Accepted)
            self.seated_by(party, done)
        else:
            self.outcome_of(0, lambda: reject(ORG, id, now=self.now))
            party.waits = ""

    @precondition(lambda self: self.invited)
    @rule(pick=picks, crash_at=crashes)
    def decline(self, pick: int, crash_at: int) -> None:
        party = self.invited[pick % len(self.invited)]
        assert party.invitation
        token = links.invitation_token(party.invitation)
        outcome = self.outcome_of(crash_at, lambda: decline(token, now=self.now))
        status = self.status(party)
        if status in {"held", "declined"}:
            assert outcome is None
            party.state, party.waits = "declined", ""
        else:
            assert isinstance(outcome, InvitationEnded)
            assert outcome.status == status

    @precondition(lambda self: self.invited)
    @rule(pick=picks, crash_at=crashes)
    def cancel(self, pick: int, crash_at: int) -> None:
        party = self.invited[pick % len(self.invited)]
        id = self.public_id(party.invitation)
        outcome = self.outcome_of(crash_at, lambda: cancel_invitation(ORG, id, by="staff", now=self.now))
        if party.state in {"taken", "removed"}:
            assert isinstance(outcome, InvitationAccepted)
        elif party.state == "declined":
            assert isinstance(outcome, InvitationNotPending)
        else:
            assert isinstance(outcome, Invitation)
            party.state = "expired" if outcome.ended == "expired" else "cancelled"
            party.waits = ""

    @precondition(lambda self: self.invited)
    @rule(pick=picks, over=st.booleans(), minutes=moments, crash_at=crashes)
    def revive(self, pick: int, over: bool, minutes: int, crash_at: int) -> None:
        party = self.invited[pick % len(self.invited)]
        id, key, until = self.public_id(party.invitation), fresh("key"), self.now + timedelta(minutes=minutes)
        status, answer = self.status(party), self.model.answer(party.size, over=over, now=self.now)
        wanted = ReviveInput(confirm_over_capacity=over, expires_at=until)
        outcome = self.outcome_of(crash_at, lambda: revive(ORG, id, wanted, by="staff", key=key, now=self.now))
        if status == "held":
            assert isinstance(outcome, InvitationNotEnded)
        elif status == "accepted":
            assert isinstance(outcome, InvitationAccepted)
        elif self.seats(answer, outcome, party.size):
            assert not isinstance(outcome, Refusal)
            assert outcome.invitation.extra == (party.size if answer == "extra" else 0)
            party.invitation, party.state, party.until = outcome.invitation, "held", until
            party.extra, party.registration, party.waits = outcome.invitation.extra, None, ""

    @precondition(lambda self: self.invited)
    @rule(pick=picks, rotate=st.booleans())
    def resend(self, pick: int, rotate: bool) -> None:
        party = self.invited[pick % len(self.invited)]
        outcome = self.outcome_of(0, lambda: resend(ORG, self.public_id(party.invitation), rotate=rotate, now=self.now))
        if isinstance(outcome, Invitation):
            assert self.status(party) == "held"
            party.invitation = outcome

    @precondition(lambda self: self.seated)
    @rule(pick=picks, crash_at=crashes)
    def remove(self, pick: int, crash_at: int) -> None:
        party = self.seated[pick % len(self.seated)]
        id = self.public_id(party.registration)
        assert self.outcome_of(crash_at, lambda: remove_registration(ORG, id, by="staff", now=self.now)) is None
        party.state = "removed"

    @precondition(lambda self: any(party.extra and party.live(self.now) for party in self.model.parties))
    @rule(pick=picks, crash_at=crashes)
    def keep(self, pick: int, crash_at: int) -> None:
        extras = [party for party in self.model.parties if party.extra and party.live(self.now)]
        party = extras[pick % len(extras)]
        self.do(crash_at, lambda: keep_extra(ORG, self.session, self.public_id(party.invitation), now=self.now))
        self.model.total += party.extra
        party.extra = 0

    @rule(total=st.integers(0, 10), crash_at=crashes)
    def resize(self, total: int, crash_at: int) -> None:
        self.do(crash_at, lambda: resized(self.session, total, now=self.now))
        self.model.total = total

    @rule(minutes=moments)
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(crash_at=crashes)
    def sweep(self, crash_at: int) -> None:
        self.do(crash_at, lambda: sweep(ORG, now=self.now))
        for party in self.invited:
            if party.state == "held" and not party.live(self.now):
                party.state, party.waits = "expired", ""

    @invariant()
    def what_is_seen_is_right(self) -> None:
        """Compare the ledger after every second action: what an action leaves wrong stays wrong."""
        self.turn += 1
        if self.turn % 2 == 0:
            self.check()

    def teardown(self) -> None:
        self.check()

    def check(self) -> None:
        """Compare the ledger with the model."""
        if not self.session:
            return
        chunks = ledger.read(ORG, self.session)
        assert [breach for chunk in chunks for breach in breaches(chunk, may_owe=True)] == []
        assert rules.count(chunks, self.now) == self.model.spots(self.now)
        live = sorted((hold.spots, hold.extra, hold.state) for chunk in chunks for hold in chunk.holds.values() if hold.is_live(self.now))
        expected = [(party.size, party.extra, party.state) for party in self.model.parties if party.live(self.now)]
        assert live == sorted(expected)


def test_the_ledger_matches_the_model(stage: str, small_chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (ledger.extras, ledger.party_size):
        monkeypatch.setattr(module, "MOST_EXTRA", MOST_EXTRA)
    RUNS.update(examples=0, steps=0, crashes=0)
    phases = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        Session,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, phases=phases, suppress_health_check=checks, print_blob=True
        ),
    )
    race_report.say(f"model: {RUNS['examples']} examples, {RUNS['steps']} actions, {RUNS['crashes']} of them crashed and done again")
