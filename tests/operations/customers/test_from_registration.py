"""Who becomes a customer by registering, and whose participants a registration may add."""

from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.operations.customers import ensure_customer
from chalicelib.rules.customers import MOST_PARTICIPANTS, Customer
from chalicelib.rules.registrations import Registration, Source
from chalicelib.tables import customers
from tests.samples import REGISTRATION

SOFIA = "sofia@example.org"
BOOKED = replace(REGISTRATION, email=SOFIA, participants=("Mia",), invited_email="")

pytestmark = pytest.mark.usefixtures("tables")


def participants() -> list[str]:
    known = customers.of_address(BOOKED.org, SOFIA)
    return [one.name for one in known.participants] if known else []


@pytest.fixture
def sofia(now: datetime) -> None:
    customers.create(Customer(BOOKED.org, "sofia", SOFIA, "Sofia", now))


def test_somebody_new_becomes_a_customer_with_the_participants(now: datetime) -> None:
    ensure_customer(BOOKED, now=now)
    ensure_customer(BOOKED, now=now)
    assert participants() == ["Mia"]


@pytest.mark.parametrize(
    ("source", "invited", "names"),
    [
        ("public", "", []),
        ("code", "", []),
        ("invitation", "somebody.else@example.org", []),
        ("invitation", "Sofia@Example.org", ["Mia"]),
        ("staff", "", ["Mia"]),
    ],
)
def test_a_stranger_adds_nobody_to_a_known_customer(source: Source, invited: str, names: list[str], sofia: None, now: datetime) -> None:
    ensure_customer(replace(BOOKED, source=source, invited_email=invited), now=now)
    assert participants() == names


def test_a_customer_has_fifty_participants_at_most(sofia: None, now: datetime) -> None:
    registrations: list[Registration] = [
        replace(BOOKED, source="staff", participants=tuple(f"Kid {party}-{index}" for index in range(30))) for party in range(3)
    ]
    for registration in registrations:
        ensure_customer(registration, now=now)
    assert len(participants()) == MOST_PARTICIPANTS
    assert participants()[:30] == list(registrations[0].participants)
