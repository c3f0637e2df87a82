"""People register for the portal by themselves."""

from datetime import datetime, timedelta
from itertools import count

import pytest

from chalicelib.config import config
from chalicelib.operations import auth, customers, links, portal_account
from chalicelib.operations.auth import sign_up, user_pool
from chalicelib.rules.auth import LinkExpired, LinkUsed, WrongPassword
from chalicelib.rules.customers import Participant
from chalicelib.rules.inputs.auth import SignUpInput
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.messages import Message
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.waitlist import WaitlistEntry
from chalicelib.tables import customers as rows
from chalicelib.tables import dynamodb, memberships, messages
from chalicelib.tables.keys import Key
from chalicelib.tables.waitlist.rows import entry_item
from tests.operations.auth import NEW_PASSWORD, PASSWORD

HERE = "192.0.2.1"
numbers = count()


def _draft(email: str = "Ana@Example.org", password: str = PASSWORD) -> SignUpInput:
    children = [{"name": "Kim", "date_of_birth": "2019-05-04"}]
    return SignUpInput.model_validate(
        {"email": email, "name": "Ana", "password": password, "password_confirmation": password, "participants": children}
    )


def _mails(email: str = "ana@example.org") -> list[Message]:
    return messages.to_address("demo", email, limit=20, start=None)[0]


def _joined(now: datetime, email: str = "Ana@Example.org", password: str = PASSWORD) -> str:
    """Register and return the token of the link that was sent."""
    before = {mail.id for mail in _mails(email)}
    auth.begin_sign_up("demo", _draft(email, password), locale="fr", key=f"request {next(numbers)}", source="192.0.2.1", now=now)
    (mail,) = (mail for mail in _mails(email) if mail.id not in before)
    return links.confirmation_link("demo", mail.data["joining"]).rpartition("/")[2]


def _signs_in(password: str, now: datetime, email: str = "ana@example.org") -> bool:
    try:
        auth.sign_in(email, password, source=HERE, now=now)
    except WrongPassword:
        return False
    return True


def test_no_customer_exists_before_the_address_is_confirmed(owner: StaffMember, now: datetime) -> None:
    token = _joined(now)
    auth.pending_sign_up(token, now=now)
    assert rows.of_address("demo", "ana@example.org") is None
    assert user_pool.user_of("ana@example.org") is None


def test_a_confirmed_sign_up_is_an_accepted_customer_with_participants(owner: StaffMember, now: datetime) -> None:
    customer = auth.confirm(_joined(now), now=now)
    assert (customer.status, customer.email, customer.name) == ("accepted", "Ana@Example.org", "Ana")
    assert customer.participants == (Participant("Kim", "2019-05-04"),)
    person = auth.sign_in("ana@example.org", PASSWORD, source=HERE, now=now).person
    assert [(one.org, one.id) for one in person.customers] == [("demo", customer.id)]


def test_the_link_works_once_and_runs_out(owner: StaffMember, now: datetime) -> None:
    token = _joined(now)
    with pytest.raises(LinkExpired):
        auth.confirm(token, now=now + timedelta(days=3))
    auth.confirm(token, now=now)
    with pytest.raises(LinkUsed):
        auth.confirm(token, now=now)
    with pytest.raises(LinkUsed):
        auth.pending_sign_up(token, now=now)


def test_a_known_customer_is_accepted_and_keeps_their_data(owner: StaffMember, now: datetime) -> None:
    draft = CustomerInput.model_validate(
        {"email": "ana@example.org", "name": "Ana Ortiz", "participants": [{"name": "kim"}, {"name": "Zoé"}]}
    )
    known = customers.create_customer("demo", draft, key="ana", now=now)
    customer = auth.confirm(_joined(now), now=now)
    assert (customer.id, customer.name, customer.status) == (known.id, "Ana Ortiz", "accepted")
    assert [participant.name for participant in customer.participants] == ["kim", "Zoé"]


def test_an_account_keeps_its_password_whoever_registers_with_its_address(owner: StaffMember, now: datetime) -> None:
    token = _joined(now, "owner@demo.test", NEW_PASSWORD)
    customer = auth.confirm(token, now=now)
    assert customer.user == owner.user
    assert _signs_in(PASSWORD, now, "owner@demo.test")
    assert not _signs_in(NEW_PASSWORD, now, "owner@demo.test")
    assert [member.role for member in memberships.of_user(owner.user).memberships] == ["owner"]


def test_who_registers_with_the_same_address_meanwhile_changes_nothing_about_the_first(owner: StaffMember, now: datetime) -> None:
    mine = _joined(now)
    auth.begin_sign_up("demo", _draft(password=NEW_PASSWORD), locale="fr", key="theirs", source="192.0.2.1", now=now)
    auth.confirm(mine, now=now)
    assert _signs_in(PASSWORD, now)
    assert not _signs_in(NEW_PASSWORD, now)


def test_what_came_to_nothing_half_way_comes_about_the_next_time(
    owner: StaffMember, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = _joined(now)

    def busy(*_: object, **__: object) -> None:
        raise Busy

    with monkeypatch.context() as broken:
        broken.setattr(sign_up, "_save_customer", busy)
        with pytest.raises(Busy):
            auth.confirm(token, now=now)
    assert auth.confirm(token, now=now).status == "accepted"
    assert _signs_in(PASSWORD, now)


def test_the_password_is_in_no_table(owner: StaffMember, now: datetime) -> None:
    token = _joined(now)
    own = auth.pending_sign_up(token, now=now).id
    kept = dynamodb.get(config().memory_table, Key(f"demo#joining#{own}"))
    assert kept
    assert PASSWORD not in str(kept)
    auth.confirm(token, now=now)
    assert set(dynamodb.get(config().memory_table, Key(f"demo#joining#{own}")) or {}) == {
        "pk",
        "used",
        "locale",
        "runs_out_at",
        "forget_at",
    }


def test_the_same_request_writes_once_and_an_address_gets_five_an_hour(owner: StaffMember, now: datetime) -> None:
    for _ in range(2):
        auth.begin_sign_up("demo", _draft(), locale="en", key="same", source="192.0.2.1", now=now)
    assert len(_mails()) == 1
    for number in range(9):
        auth.begin_sign_up("demo", _draft(), locale="en", key=f"other {number}", source="192.0.2.1", now=now)
    assert len(_mails()) == 4


def test_an_organisation_that_is_none_has_no_portal(owner: StaffMember, now: datetime) -> None:
    with pytest.raises(NotFound):
        auth.begin_sign_up("nowhere", _draft(), locale="en", key="k", source="192.0.2.1", now=now)
    for token in ("", "demo.x", "demo.x.AAAAAAAAAAAAAAAAAAAAAA"):
        with pytest.raises(NotFound):
            auth.confirm(token, now=now)


def _known(now: datetime, *children: str) -> None:
    participants = [{"name": child} for child in children]
    draft = CustomerInput.model_validate({"email": "ana@example.org", "name": "Ana Ortiz", "participants": participants})
    customers.create_customer("demo", draft, key="ana", now=now)


def _resets() -> list[Message]:
    return [mail for mail in _mails() if mail.kind == "password_reset"]


@pytest.mark.parametrize("with_children", [True, False])
def test_a_stranger_s_password_opens_nobody_s_account(with_children: bool, owner: StaffMember, now: datetime) -> None:
    """The control: a customer about whom nothing is known has nothing to lose, and the contract keeps the typed password."""
    _known(now, *["Noé"] if with_children else [])
    theirs = _joined(now, password=NEW_PASSWORD)
    customer = auth.confirm(theirs, now=now)
    assert customer.status == "accepted"
    assert _signs_in(NEW_PASSWORD, now) == (not with_children)
    assert len(_resets()) == int(with_children)
    for reset in _resets():
        assert reset.to == "Ana@Example.org"
        token = links.password_reset_link(reset.data["user"], reset.data["nonce"]).rpartition("/")[2]
        auth.reset_password(token, PASSWORD, now=now)
        assert _signs_in(PASSWORD, now)


def test_a_waitlist_entry_or_a_booking_is_something_to_lose(owner: StaffMember, now: datetime) -> None:
    _known(now)
    entry = WaitlistEntry("demo", "s1", "e1", "ana@example.org", "Ana", spots=1, place=1, joined_at=now, locale="en")
    dynamodb.put_new(config().rosters_table, entry_item(entry))
    auth.confirm(_joined(now, password=NEW_PASSWORD), now=now)
    assert not _signs_in(NEW_PASSWORD, now)
    assert len(_resets()) == 1


@pytest.mark.parametrize("children", [(), ("Noé",)])
def test_the_confirming_person_chooses_the_password(children: tuple[str, ...], owner: StaffMember, now: datetime) -> None:
    _known(now, *children)
    auth.confirm(_joined(now, password=NEW_PASSWORD), password=PASSWORD, now=now)
    assert _signs_in(PASSWORD, now)
    assert not _signs_in(NEW_PASSWORD, now)
    assert _resets() == []


def test_confirming_sets_no_password_of_an_account(owner: StaffMember, now: datetime) -> None:
    auth.confirm(_joined(now), now=now)
    auth.confirm(_joined(now, password=NEW_PASSWORD), password="Chosen-Passw0rd", now=now)
    assert _signs_in(PASSWORD, now)


def test_only_the_browser_that_signed_up_proves_it(owner: StaffMember, now: datetime) -> None:
    browser = auth.begin_sign_up("demo", _draft(), locale="en", key="mine", source=HERE, now=now)
    (mail,) = _mails()
    token = links.confirmation_link("demo", mail.data["joining"]).rpartition("/")[2]
    other = auth.begin_sign_up("demo", _draft(), locale="en", key="theirs", source=HERE, now=now)
    assert auth.is_from_browser(token, browser)
    for wrong in ("", "x", "é", token, other):
        assert not auth.is_from_browser(token, wrong)


@pytest.mark.parametrize("ends", ["reset", "everywhere"])
def test_a_new_password_and_signing_out_everywhere_end_the_calendar_feed(ends: str, owner: StaffMember, now: datetime) -> None:
    customer = auth.confirm(_joined(now), now=now)
    feed = links.calendar_feed(customer).rpartition("/")[2].removesuffix(".ics")
    portal_account.read_feed(feed, now=now)
    signed_in = auth.sign_in("ana@example.org", PASSWORD, source=HERE, now=now)
    if ends == "everywhere":
        auth.sign_out_everywhere(signed_in.access_token, user=signed_in.user, now=now)
    else:
        auth.ask_reset("ana@example.org", nonce="n", source=HERE, now=now)
        auth.reset_password(links.password_reset_link(signed_in.user, "n").rpartition("/")[2], NEW_PASSWORD, now=now)
    with pytest.raises(NotFound):
        portal_account.read_feed(feed, now=now)
    again = links.calendar_feed(rows.get("demo", customer.id)).rpartition("/")[2].removesuffix(".ics")
    portal_account.read_feed(again, now=now)
