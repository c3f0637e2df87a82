"""A forgotten password."""

from datetime import datetime, timedelta
from itertools import count

import pytest

from chalicelib.operations import auth, links
from chalicelib.operations.auth import password_reset, user_pool
from chalicelib.operations.staff import choose_language
from chalicelib.rules.auth import LinkExpired, LinkUsed, SignedOut, WrongPassword
from chalicelib.rules.customers import Customer
from chalicelib.rules.messages import message_id
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.tables import customers, messages, staff
from tests.operations.auth import NEW_PASSWORD, PASSWORD
from tests.operations.simulated_aws import Time

HERE = "192.0.2.1"
nonces = (f"nonce{number}" for number in count())


def _token_of_reset(owner: StaffMember, now: datetime) -> str:
    """Ask for a reset and return the token of its link."""
    nonce = next(nonces)
    auth.ask_reset(owner.email, nonce=nonce, source="192.0.2.1", now=now)
    return links.password_reset_link(owner.user, nonce).rpartition("/")[2]


def _signs_in(password: str, now: datetime) -> bool:
    try:
        auth.sign_in("owner@demo.test", password, source=HERE, now=now)
    except WrongPassword:
        return False
    return True


def test_the_link_is_sent_to_the_owner_in_the_organisations_language(owner: StaffMember, now: datetime) -> None:
    auth.ask_reset(" OWNER@demo.test", nonce="n", source="192.0.2.1", now=now)
    message = messages.get("demo", message_id("password_reset", "demo", f"{owner.user}#n"))
    assert message
    assert (message.to, message.locale, message.data) == ("Owner@Demo.test", "fr", {"user": owner.user, "nonce": "n"})


def test_the_link_is_in_the_language_that_a_member_chose(owner: StaffMember, now: datetime) -> None:
    choose_language(owner.user, "en")
    auth.ask_reset(owner.email, nonce="n", source="192.0.2.1", now=now)
    message = messages.get("demo", message_id("password_reset", "demo", f"{owner.user}#n"))
    assert message
    assert message.locale == "en"


def test_nobody_unknown_is_written_to(owner: StaffMember, now: datetime) -> None:
    auth.ask_reset("nobody@demo.test", nonce="n", source="192.0.2.1", now=now)
    user_pool.sign_up("loner@demo.test", PASSWORD)
    auth.ask_reset("loner@demo.test", nonce="n", source="192.0.2.1", now=now)
    assert list(messages.unsent("demo", now + timedelta(days=1))) == []


def test_the_password_is_set_and_every_sign_in_ends(owner: StaffMember, now: datetime) -> None:
    signed_in = auth.sign_in("owner@demo.test", PASSWORD, source=HERE, now=now)
    auth.reset_password(_token_of_reset(owner, now), NEW_PASSWORD, now=now)
    assert _signs_in(NEW_PASSWORD, now)
    assert not _signs_in(PASSWORD, now)
    with pytest.raises(SignedOut):
        auth.refresh(signed_in.refresh_token)
    member = staff.get("demo", owner.user)
    assert member
    assert member.tokens_valid_from == now


def test_the_link_works_once(owner: StaffMember, now: datetime) -> None:
    token = _token_of_reset(owner, now)
    assert auth.reset_of(token, now=now).user == owner.user
    auth.reset_password(token, NEW_PASSWORD, now=now)
    with pytest.raises(LinkUsed):
        auth.reset_of(token, now=now)
    with pytest.raises(LinkUsed):
        auth.reset_password(token, PASSWORD, now=now)
    assert _signs_in(NEW_PASSWORD, now)


def test_the_link_runs_out_after_an_hour(owner: StaffMember, now: datetime) -> None:
    token = _token_of_reset(owner, now)
    auth.reset_of(token, now=now + timedelta(minutes=59))
    for late in (timedelta(hours=1), timedelta(hours=5)):
        with pytest.raises(LinkExpired):
            auth.reset_of(token, now=now + late)
        with pytest.raises(LinkExpired):
            auth.reset_password(token, NEW_PASSWORD, now=now + late)
    assert _signs_in(PASSWORD, now)


def test_a_newer_link_ends_the_older(owner: StaffMember, now: datetime) -> None:
    older, newer = _token_of_reset(owner, now), _token_of_reset(owner, now)
    with pytest.raises(LinkUsed):
        auth.reset_password(older, NEW_PASSWORD, now=now)
    auth.reset_password(newer, NEW_PASSWORD, now=now)


@pytest.mark.parametrize("token", ["", "x", "..", "a.b.c", "user.nonce.AAAAAAAAAAAAAAAAAAAAAA", "é.é.é"])
def test_a_made_up_link_leads_nowhere(token: str, owner: StaffMember, now: datetime) -> None:
    with pytest.raises(NotFound):
        auth.reset_password(token, NEW_PASSWORD, now=now)


def test_a_link_of_another_kind_resets_nothing(owner: StaffMember, now: datetime) -> None:
    _token_of_reset(owner, now)
    other = links.staff_activation_link("demo", owner.user, 1).rpartition("/")[2]
    with pytest.raises(NotFound):
        auth.reset_password(other, NEW_PASSWORD, now=now)


def test_a_password_that_could_not_be_set_leaves_the_link_usable(
    owner: StaffMember, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = _token_of_reset(owner, now)

    def busy(*_: object) -> None:
        raise Busy

    with monkeypatch.context() as broken:
        broken.setattr(user_pool, "set_password", busy)
        with pytest.raises(Busy):
            auth.reset_password(token, NEW_PASSWORD, now=now)
    auth.reset_password(token, NEW_PASSWORD, now=now)
    assert _signs_in(NEW_PASSWORD, now)


def test_only_five_links_an_hour_go_to_one_address(owner: StaffMember, now: datetime) -> None:
    for _ in range(7):
        _token_of_reset(owner, now)
    assert len(list(messages.unsent("demo", now + timedelta(days=1)))) == 5
    _token_of_reset(owner, now + timedelta(hours=1))
    assert len(list(messages.unsent("demo", now + timedelta(days=1)))) == 6


def test_asking_takes_the_same_time_for_everybody(owner: StaffMember, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password_reset, "EVEN_SECONDS", 0.4)
    clock, true_user_of = Time(), user_pool.user_of
    monkeypatch.setattr(password_reset, "time", clock)

    def slower_for_accounts(email: str) -> str | None:
        clock.sleep(0.3 if email == owner.email else 0.1)
        return true_user_of(email)

    monkeypatch.setattr(user_pool, "user_of", slower_for_accounts)
    for email in (owner.email, "nobody@demo.test"):
        began = clock.monotonic()
        auth.ask_reset(email, nonce="n", source="192.0.2.1", now=now)
        assert clock.monotonic() - began == pytest.approx(0.4)


def _customer(email: str, now: datetime) -> Customer:
    """Return a customer of demo with an account, whose address is noted as `email`."""
    user = user_pool.sign_up("ana@example.org", PASSWORD)
    assert user
    customer = Customer(org="demo", id="ana", email=email, name="Ana", created_at=now, status="accepted", user=user)
    customers.create(customer)
    return customer


def test_a_customer_is_served_too_and_signed_out_everywhere(owner: StaffMember, now: datetime) -> None:
    ana = _customer("Ana@Example.org", now)
    auth.ask_reset("ana@example.org", nonce="n", source="192.0.2.1", now=now, portal="demo")
    message = messages.get("demo", message_id("password_reset", "demo", f"{ana.user}#n"))
    assert message
    assert message.to == "Ana@Example.org"
    token = links.password_reset_link(ana.user, "n").rpartition("/")[2]
    assert auth.reset_of(token, now=now).portal == "demo"
    auth.reset_password(token, NEW_PASSWORD, now=now)
    auth.sign_in("ana@example.org", NEW_PASSWORD, source=HERE, now=now)
    assert customers.get("demo", "ana").tokens_valid_from == now


def test_what_staff_note_as_the_address_leads_to_nobody_elses_account(owner: StaffMember, now: datetime) -> None:
    ana = _customer("owner@demo.test", now)
    auth.ask_reset("ana@example.org", nonce="n", source="192.0.2.1", now=now)
    message = messages.get("demo", message_id("password_reset", "demo", f"{ana.user}#n"))
    assert message
    assert message.to == "ana@example.org"
    auth.reset_password(links.password_reset_link(ana.user, "n").rpartition("/")[2], NEW_PASSWORD, now=now)
    assert _signs_in(PASSWORD, now)
