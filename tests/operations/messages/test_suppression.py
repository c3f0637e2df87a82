"""Bounces, complaints and lifts of one address, in every order, and which kinds of e-mail reach it then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from chalicelib.config import config
from chalicelib.emails.kinds import KINDS
from chalicelib.operations import customers
from chalicelib.operations.messages import reaches
from chalicelib.operations.registrations import register
from chalicelib.operations.waitlist import join
from chalicelib.rules.customers import AddressComplained, Customer
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.organisations import Bounce, EmailPreferences, Organisation
from chalicelib.rules.sessions import Session
from chalicelib.tables import customers as customer_rows
from chalicelib.tables import dynamodb, keys, organisations
from chalicelib.tables import waitlist as entries
from chalicelib.tables.conditions import ALWAYS, Update

EMAIL = "ana@example.org"
REQUESTED = {"password_reset", "address_confirmation"}
STEPS = ("bounce", "old bounce", "complaint about invitations", "complaint about resets", "lift")
BEGAN = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def ana(organisation: Organisation) -> Customer:
    made = Customer(org="demo", id="ana", email=EMAIL, name="Ana", created_at=BEGAN)
    customer_rows.create(made)
    return made


@dataclass
class Model:
    """What is to hold after some steps."""

    bounced: bool = False
    lifted: bool = False
    complaints: set[str] = field(default_factory=set)

    def follow(self, step: str) -> None:
        if step == "lift":
            refused = bool(self.complaints)
            self.lifted |= self.bounced and not refused
            self.bounced &= refused
        elif step == "complaint about invitations":
            self.complaints.add("session_invitation")
        elif step == "complaint about resets":
            self.complaints.add("password_reset")
        elif step == "bounce" or not self.lifted:
            self.bounced = True

    def passes(self, kind: EmailKind) -> bool:
        return not self.bounced and (not self.complaints or (kind in REQUESTED and kind not in self.complaints))


def done(step: str, now: datetime) -> None:
    match step:
        case "bounce":
            organisations.note_bounce("demo", EMAIL, sent_at=now, reason="550", now=now)
        case "old bounce":
            organisations.note_bounce("demo", EMAIL, sent_at=BEGAN, reason="550", now=now)
        case "complaint about invitations":
            organisations.note_complaint("demo", EMAIL, kind="session_invitation", now=now)
        case "complaint about resets":
            organisations.note_complaint("demo", EMAIL, kind="password_reset", now=now)
        case _:
            complained = bool(organisations.email_preferences("demo", EMAIL).complaints)
            if complained:
                with pytest.raises(AddressComplained):
                    customers.lift_suppression("demo", "ana", now=now)
            else:
                customers.lift_suppression("demo", "ana", now=now)


@pytest.mark.parametrize("order", list(product(STEPS, repeat=3)), ids="-".join)
def test_every_order_of_bounces_complaints_and_lifts(ana: Customer, order: Sequence[str]) -> None:
    model = Model()
    for index, step in enumerate(order, start=1):
        done(step, BEGAN + timedelta(hours=index))
        model.follow(step)
    preferences = organisations.email_preferences("demo", EMAIL)
    assert (preferences.bounce is not None, set(preferences.complaints)) == (model.bounced, model.complaints)
    assert {kind for kind in KINDS if reaches("demo", EMAIL, kind)} == {kind for kind in KINDS if model.passes(kind)}


def test_a_lift_says_what_had_bounced_and_is_repeatable(ana: Customer, now: datetime) -> None:
    organisations.note_bounce("demo", EMAIL, sent_at=now, reason="550 user unknown", now=now)
    assert customers.lift_suppression("demo", "ana", now=now).bounces == {EMAIL: Bounce(now, "550 user unknown")}
    assert customers.lift_suppression("demo", "ana", now=now).bounces == {}


def test_a_bounce_that_comes_during_a_lift_stays(ana: Customer, now: datetime) -> None:
    organisations.note_bounce("demo", EMAIL, sent_at=now, reason="550 first", now=now)
    read = organisations.email_preferences("demo", EMAIL).bounce
    assert read
    later = now + timedelta(seconds=5)
    organisations.note_bounce("demo", EMAIL, sent_at=later, reason="550 second", now=later)
    assert not organisations.lift_bounce("demo", EMAIL, read, now=later)
    assert organisations.email_preferences("demo", EMAIL).bounce == Bounce(later, "550 second")


def test_a_further_address_is_lifted_with_the_main_one(ana: Customer, now: datetime) -> None:
    saved = customer_rows.save(replace(ana, addresses=("old@example.org",)), was=ana)
    organisations.note_bounce("demo", "old@example.org", sent_at=now, now=now)
    assert set(customers.lift_suppression("demo", saved.id, now=now).bounces) == {"old@example.org"}


def test_a_lift_puts_them_in_line_again(ana: Customer, now: datetime, open_session: Callable[..., Session]) -> None:
    open_session(spots_total=1)
    register(
        "demo",
        "s1",
        RegistrationInput(email="ben@example.org", name="Ben", participants=[ParticipantInput(name="Kim")]),
        locale="en",
        key="k",
        now=now,
    )
    organisations.note_bounce("demo", EMAIL, sent_at=now, now=now)
    entry = join("demo", "s1", JoinInput(email=EMAIL, name="Ana", spots=1), locale="en", key="k", now=now).entry
    entries.hold_back(entry, "suppressed")
    customers.lift_suppression("demo", "ana", now=now)
    assert entries.get("demo", "s1", entry.id).in_line


OLDER: list[tuple[dict[str, object], EmailPreferences]] = [
    ({"suppressed": True}, EmailPreferences(bounce=Bounce())),
    ({"suppressed": True, "suppressed_for": "bounced", "suppressed_at": "2030-01-01T12:00:00Z"}, EmailPreferences(bounce=Bounce(BEGAN))),
    ({"suppressed": True, "suppressed_for": "complained", "suppressed_at": "2030-01-01T12:00:00Z"}, EmailPreferences(complaints=("",))),
]


@pytest.mark.parametrize(("row", "preferences"), OLDER)
def test_an_older_row_is_read_as_it_was_meant(ana: Customer, row: dict[str, object], preferences: EmailPreferences, now: datetime) -> None:
    _write(row)
    assert organisations.email_preferences("demo", EMAIL) == preferences
    assert reaches("demo", EMAIL, "password_reset") == (preferences.bounce is None)
    assert not reaches("demo", EMAIL, "confirmation")
    if preferences.bounce:
        assert customers.lift_suppression("demo", "ana", now=now).bounces == {EMAIL: preferences.bounce}
        assert organisations.email_preferences("demo", EMAIL) == EmailPreferences()
    else:
        with pytest.raises(AddressComplained):
            customers.lift_suppression("demo", "ana", now=now)


def test_a_bounce_after_an_older_complaint_is_not_hidden(ana: Customer, now: datetime) -> None:
    _write({"suppressed": True, "suppressed_for": "complained"})
    organisations.note_bounce("demo", EMAIL, sent_at=now, reason="550", now=now)
    assert organisations.email_preferences("demo", EMAIL) == EmailPreferences(bounce=Bounce(now, "550"), complaints=("",))
    assert not reaches("demo", EMAIL, "password_reset")


def _write(row: dict[str, object]) -> None:
    dynamodb.update(config().records_table, keys.address("demo", EMAIL), Update().set(**row), ALWAYS)
