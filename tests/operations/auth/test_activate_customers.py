"""Invited customers create their account with the link of their portal invitation."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import auth, customers, links
from chalicelib.operations.auth import user_pool
from chalicelib.rules.auth import LinkExpired, LinkUsed, TooManyAttempts, WrongPassword
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.customers import CustomerChanges, CustomerInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import customers as rows
from chalicelib.tables import memberships, staff
from tests.operations.auth import NEW_PASSWORD, PASSWORD

HERE = "192.0.2.1"
ANA = CustomerInput(email="Ana@Example.org", name="Ana")


@pytest.fixture
def ana(owner: StaffMember, now: datetime) -> Customer:
    """A customer who was invited to the portal, and whom the schedule is to remind."""
    customer = customers.create_customer("demo", ANA, key="ana", now=now)
    invited = replace(customer, status="invited", invited_at=now, link_version=1, remind_at=now + timedelta(days=3))
    return rows.save(invited, was=customer)


def _token(customer: Customer) -> str:
    return links.portal_activation_link(customer.org, customer.id, customer.link_version, email=customer.email).rpartition("/")[2]


def _activate(token: str, now: datetime, password: str = PASSWORD) -> Customer:
    return auth.activate_customer(token, password, source=HERE, now=now)


def test_the_invited_customer_accepts_and_signs_in(ana: Customer, now: datetime) -> None:
    assert auth.customer_invited_by(_token(ana), now=now) == ana
    accepted = _activate(_token(ana), now)
    assert rows.get("demo", ana.id) == accepted
    assert (accepted.status, accepted.remind_at) == ("accepted", None)
    person = auth.sign_in("ana@example.org", PASSWORD, source=HERE, now=now).person
    assert person.customers == (accepted,)
    assert person.memberships == ()


def test_the_link_works_once(ana: Customer, now: datetime) -> None:
    _activate(_token(ana), now)
    with pytest.raises(LinkUsed):
        _activate(_token(ana), now, NEW_PASSWORD)
    with pytest.raises(WrongPassword):
        auth.sign_in("ana@example.org", NEW_PASSWORD, source=HERE, now=now)


def test_the_link_lasts_a_fortnight(ana: Customer, now: datetime) -> None:
    auth.customer_invited_by(_token(ana), now=now + timedelta(days=13, hours=23))
    with pytest.raises(LinkExpired):
        _activate(_token(ana), now + timedelta(days=14))


def test_a_newer_link_ends_the_older(ana: Customer, now: datetime) -> None:
    older = _token(ana)
    newer = rows.save(replace(ana, link_version=2), was=ana)
    with pytest.raises(LinkUsed):
        _activate(older, now)
    _activate(_token(newer), now)


def test_a_link_may_be_opened_before_it_is_noted_that_it_was_sent(owner: StaffMember, now: datetime) -> None:
    customer = customers.create_customer("demo", ANA, key="ana", now=now)
    assert _activate(_token(replace(customer, link_version=1)), now).status == "accepted"


def test_the_link_to_an_address_opens_no_account_for_another(ana: Customer, now: datetime) -> None:
    customers.edit_customer("demo", ana.id, CustomerChanges(email="victim@example.org"), expected=None)
    with pytest.raises(NotFound):
        _activate(_token(ana), now)
    assert user_pool.user_of("victim@example.org") is None


@pytest.mark.parametrize("token", ["", "demo.x", "demo.nobody.1.AAAAAAAAAAAAAAAAAAAAAA", "é.é.é.é"])
def test_a_made_up_link_leads_nowhere(token: str, owner: StaffMember, now: datetime) -> None:
    with pytest.raises(NotFound):
        _activate(token, now)


def test_one_kind_of_link_is_not_another(ana: Customer, now: datetime) -> None:
    with pytest.raises(NotFound):
        auth.activate_staff(_token(ana), PASSWORD, source=HERE, now=now)
    with pytest.raises(NotFound):
        _activate(links.staff_activation_link("demo", ana.id, 1).rpartition("/")[2], now)


def test_an_existing_account_needs_its_password(owner: StaffMember, now: datetime) -> None:
    customer = customers.create_customer("demo", CustomerInput(email="owner@demo.test", name="Olga"), key="olga", now=now)
    invited = rows.save(replace(customer, status="invited", invited_at=now, link_version=1), was=customer)
    with pytest.raises(WrongPassword):
        _activate(_token(invited), now, NEW_PASSWORD)
    assert rows.get("demo", customer.id).status == "invited"
    assert _activate(_token(invited), now, PASSWORD).user == owner.user
    person = memberships.of_user(owner.user)
    assert [(member.org, member.role) for member in person.memberships] == [("demo", "owner")]
    assert [customer.id for customer in person.customers] == [customer.id]
    assert [member.user for member in staff.of_user(owner.user)] == [owner.user]


def test_guessing_the_password_by_the_link_is_throttled(owner: StaffMember, now: datetime) -> None:
    customer = customers.create_customer("demo", CustomerInput(email="owner@demo.test", name="Olga"), key="olga", now=now)
    invited = rows.save(replace(customer, status="invited", invited_at=now, link_version=1), was=customer)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            _activate(_token(invited), now, NEW_PASSWORD)
    with pytest.raises(TooManyAttempts):
        _activate(_token(invited), now, PASSWORD)


def test_an_edit_at_the_same_moment_does_not_come_between(ana: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = user_pool.sign_up

    def meanwhile(email: str, password: str) -> str | None:
        customers.edit_customer("demo", ana.id, CustomerChanges(phone="123"), expected=None)
        return opened(email, password)

    monkeypatch.setattr(user_pool, "sign_up", meanwhile)
    accepted = _activate(_token(ana), now)
    assert (accepted.phone, accepted.status) == ("123", "accepted")
    assert rows.get("demo", ana.id) == accepted
