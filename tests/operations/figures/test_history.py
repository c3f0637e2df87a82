"""After a random history, with stream records doubled and reordered, the figures equal those computed from the rows."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.events import rosters
from chalicelib.operations import invitations, links, organisations, registrations, reports, sessions, waitlist
from chalicelib.operations.reconcile import reconcile
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.roster import BillingStatusInput, PaymentInput
from chalicelib.rules.inputs.sessions import SessionChanges, SessionInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.money import Price
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import booking_context
from tests.operations.simulated_aws import Streams

ORG = "demo"
STEPS = 40


class History:
    """Random actions of staff and families over some weeks, each with what it needs chosen from what there is."""

    def __init__(self, seed: int, now: datetime, streams: Streams) -> None:
        self.random, self.now, self.streams = random.Random(seed), now, streams
        organisations.create(ORG, "Demo", now=now)
        self.sessions = [self._session(number) for number in range(3)]
        self.invited: list[Any] = []
        self.booked: list[str] = []
        self.records: list[Any] = []

    def run(self) -> None:
        actions = [self.book, self.book, self.invite, self.accept, self.decline, self.pay, self.bill, self.remove, self.edit, self.wait]
        for _ in range(STEPS):
            self.now += timedelta(hours=self.random.randint(1, 12))
            try:
                self.random.choice(actions)()
            except Refusal:
                continue
            finally:
                self._carry()
        self._carry()

    def _carry(self) -> None:
        """Carry the records of the stream, some of them twice, in any order, and some much later again."""
        fresh = self.streams.rosters.read()
        self.records += fresh
        again = [record for record in self.records if self.random.random() < 0.05]
        batch = fresh + again
        self.random.shuffle(batch)
        if batch:
            assert rosters.handle({"Records": batch}, clock=lambda: self.now) == {"batchItemFailures": []}

    def _session(self, number: int) -> str:
        starts = self.now + timedelta(days=20 * number + 40)
        draft = {
            "title": f"Course {number}",
            "tags": ["kids", "sport"][:number],
            "time_zone": "Europe/Paris",
            "spots_total": 6,
            "meetings": [
                {"starts_at": starts + timedelta(days=7 * week), "ends_at": starts + timedelta(days=7 * week, hours=1)} for week in range(4)
            ],
            "tiers": [{"name": "Child", "price": {"amount": 1000 + number, "currency": "CHF" if number == 2 else "EUR"}}],
        }
        return sessions.create_session(ORG, SessionInput.model_validate(draft), key=f"s{number}", now=self.now).session.id

    def _any(self) -> str:
        return self.random.choice(self.sessions)

    def book(self) -> None:
        email, size = f"p{self.random.randint(0, 9)}@example.org", self.random.randint(1, 3)
        names = [ParticipantInput(name=f"Child {self.random.randint(0, 99)}") for _ in range(size)]
        body = RegistrationInput(email=email, name="P", participants=names, party_size=size)
        self.booked.append(
            registrations.register(ORG, self._any(), body, locale="en", key=str(self.now), now=self.now).registration.public_id
        )

    def invite(self) -> None:
        draft = InvitationInput(email=f"i{self.random.randint(0, 30)}@example.org")
        self.invited.append(invitations.invite(ORG, self._any(), draft, by="x", key=str(self.now), now=self.now).invitation)

    def accept(self) -> None:
        if self.invited:
            invitation = self.random.choice(self.invited)
            form = AcceptInput(email=invitation.email, name="I", participants=[ParticipantInput(name="Kim")])
            invitations.accept(links.invitation_token(invitation), form, locale="en", now=self.now)

    def decline(self) -> None:
        if self.invited:
            invitations.decline(links.invitation_token(self.random.choice(self.invited)), now=self.now)

    def pay(self) -> None:
        if self.booked:
            currency = self.random.choice(["EUR", "EUR", "CHF"])
            draft = PaymentInput(amount=Price(amount=self.random.randint(1, 2000), currency=currency), method="cash")
            registrations.add_payment(ORG, self.random.choice(self.booked), draft, by="x", now=self.now)

    def bill(self) -> None:
        if self.booked:
            status = self.random.choice(["paid", "unpaid", "invoiced"])
            step = BillingStatusInput.model_validate({"status": status})
            registrations.set_billing(ORG, self.random.choice(self.booked), step, by="x", now=self.now)

    def remove(self) -> None:
        if self.booked:
            registrations.remove_registration(ORG, self.random.choice(self.booked), by="x", now=self.now)

    def edit(self) -> None:
        changes = SessionChanges.model_validate(
            {"title": f"Course {self.random.randint(0, 9)}", "tags": self.random.sample(["kids", "sport", "new"], 2)}
        )
        sessions.edit_session(ORG, self._any(), changes, expected=None, now=self.now)

    def wait(self) -> None:
        draft = JoinInput(email=f"w{self.random.randint(0, 9)}@example.org", name="W", spots=self.random.randint(1, 2))
        waitlist.add_by_staff(ORG, self._any(), draft, key=str(self.now), now=self.now)


def expected(session: str) -> dict[str, tuple[Any, ...]]:
    """Return what reports must say about a session, from its rows: report → values of the row."""
    roster = booking_context.roster(ORG, session)
    standing = [one for one in roster.registrations if one.confirmed_at and not one.removed_at]
    taken = sum(hold.spots for hold in roster.holds().values() if hold.is_taken)
    # No date has begun yet, so each has what the ledger has now.
    dates, spots = len(roster.session.meetings), roster.session.spots_total
    received = [max(one.paid.amount, one.total.amount if one.billing == "paid" else 0) for one in roster.registrations if one.confirmed_at]
    live = [one for one in roster.invitations if one.registration or one.ended or one.id in roster.holds()]
    sent = [one for one in live if not one.entry]
    waiting = roster.waitlist
    return {
        "occupancy": (dates, dates * spots, dates * taken),
        "revenue": (len(standing), sum(one.total.amount for one in standing), sum(received)),
        "invitations": (
            len(sent),
            sum(bool(one.registration) for one in sent),
            sum(one.ended == "declined" for one in sent),
        ),
        "waitlists": (len(waiting), sum(one.offers > 0 for one in waiting), sum(one.status == "accepted" for one in waiting)),
    }


SHOWN = {
    "occupancy": ("meetings", "spots", "taken"),
    "revenue": ("registrations", "booked", "paid"),
    "invitations": ("sent", "accepted", "declined"),
    "waitlists": ("waited", "offered", "got_in"),
}


def reported(session: str, name: str, now: datetime) -> tuple[Any, ...]:
    report = reports.read_report(
        ORG, name, first=now.date() - timedelta(days=400), last=now.date() + timedelta(days=400), by="session", now=now
    )
    assert report.is_current
    columns = [column.name for column in report.kind.columns]
    row = next((row for row in report.rows if row.key == session), None)
    return tuple(row.values[columns.index(column)] if row else 0 for column in SHOWN[name])


@pytest.mark.parametrize("seed", [1, 4])
def test_the_figures_are_those_of_the_rows(streams: Streams, now: datetime, seed: int) -> None:
    history = History(seed, now, streams)
    history.run()
    reconcile(ORG, now=history.now, repair=True)  # The first one counts what an earlier version may have left.
    for session in history.sessions:
        for name, values in expected(session).items():
            assert reported(session, name, history.now) == values, (name, session)
    assert [drift for drift in reconcile(ORG, now=history.now, repair=True) if drift.kind == "miscounted_figures"] == []
    assert any(reported(session, "revenue", history.now)[2] for session in history.sessions)
