"""People register for the portal by themselves."""

from datetime import datetime, timedelta
from itertools import count

import pytest

from chalicelib.operations import access, customers, links
from chalicelib.operations.access import accounts, joining
from chalicelib.rules.accounts import LinkRunOut, LinkUsed, WrongPassword
from chalicelib.rules.customers import Participant
from chalicelib.rules.drafts.accounts import JoiningDraft
from chalicelib.rules.drafts.customers import CustomerDraft
from chalicelib.rules.messages import Message
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.settings import settings
from chalicelib.tables import customers as rows
from chalicelib.tables import messages, people, requests
from chalicelib.tables.keys import Key
from tests.operations.access import NEW_PASSWORD, PASSWORD

HERE = "192.0.2.1"
numbers = count()


def _draft(email: str = "Ana@Example.org", password: str = PASSWORD) -> JoiningDraft:
    children = [{"name": "Kim", "date_of_birth": "2019-05-04"}]
    return JoiningDraft.model_validate(
        {"email": email, "name": "Ana", "password": password, "password_confirmation": password, "participants": children}
    )


def _mails(email: str = "ana@example.org") -> list[Message]:
    return messages.to_address("demo", email, limit=20, start=None)[0]


def _joined(now: datetime, email: str = "Ana@Example.org", password: str = PASSWORD) -> str:
    """Register and return the token of the link that was sent."""
    before = {mail.id for mail in _mails(email)}
    access.join("demo", _draft(email, password), locale="fr", key=f"request {next(numbers)}", now=now)
    (mail,) = (mail for mail in _mails(email) if mail.id not in before)
    return links.confirmation_link("demo", mail.data["joining"]).rpartition("/")[2]


def _signs_in(password: str, now: datetime, email: str = "ana@example.org") -> bool:
    try:
        access.sign_in(email, password, source=HERE, now=now)
    except WrongPassword:
        return False
    return True


def test_nothing_is_there_before_the_address_is_confirmed(owner: Member, now: datetime) -> None:
    token = _joined(now)
    access.joining_of(token, now=now)
    assert rows.of_address("demo", "ana@example.org") is None
    assert accounts.user_of("ana@example.org") is None


def test_who_confirms_is_an_accepted_customer_with_participants(owner: Member, now: datetime) -> None:
    customer = access.confirm(_joined(now), now=now)
    assert (customer.status, customer.email, customer.name) == ("accepted", "Ana@Example.org", "Ana")
    assert customer.participants == (Participant("Kim", "2019-05-04"),)
    person = access.sign_in("ana@example.org", PASSWORD, source=HERE, now=now).person
    assert [(one.org, one.id) for one in person.customers] == [("demo", customer.id)]


def test_the_link_works_once_and_runs_out(owner: Member, now: datetime) -> None:
    token = _joined(now)
    with pytest.raises(LinkRunOut):
        access.confirm(token, now=now + timedelta(days=3))
    access.confirm(token, now=now)
    with pytest.raises(LinkUsed):
        access.confirm(token, now=now)
    with pytest.raises(LinkUsed):
        access.joining_of(token, now=now)


def test_a_known_customer_is_accepted_and_keeps_what_is_known(owner: Member, now: datetime) -> None:
    draft = CustomerDraft.model_validate(
        {"email": "ana@example.org", "name": "Ana Ortiz", "participants": [{"name": "kim"}, {"name": "Zoé"}]}
    )
    known = customers.create_customer("demo", draft, key="ana", now=now)
    customer = access.confirm(_joined(now), now=now)
    assert (customer.id, customer.name, customer.status) == (known.id, "Ana Ortiz", "accepted")
    assert [participant.name for participant in customer.participants] == ["kim", "Zoé"]


def test_an_account_keeps_its_password_whoever_registers_with_its_address(owner: Member, now: datetime) -> None:
    token = _joined(now, "owner@demo.test", NEW_PASSWORD)
    customer = access.confirm(token, now=now)
    assert customer.user == owner.user
    assert _signs_in(PASSWORD, now, "owner@demo.test")
    assert not _signs_in(NEW_PASSWORD, now, "owner@demo.test")
    assert [member.role for member in people.of_user(owner.user).memberships] == ["owner"]


def test_who_registers_with_the_same_address_meanwhile_changes_nothing_about_the_first(owner: Member, now: datetime) -> None:
    mine = _joined(now)
    access.join("demo", _draft(password=NEW_PASSWORD), locale="fr", key="theirs", now=now)
    access.confirm(mine, now=now)
    assert _signs_in(PASSWORD, now)
    assert not _signs_in(NEW_PASSWORD, now)


def test_what_came_to_nothing_half_way_comes_about_the_next_time(owner: Member, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    token = _joined(now)

    def busy(*_: object, **__: object) -> None:
        raise Busy

    with monkeypatch.context() as broken:
        broken.setattr(joining, "_accepted", busy)
        with pytest.raises(Busy):
            access.confirm(token, now=now)
    assert access.confirm(token, now=now).status == "accepted"
    assert _signs_in(PASSWORD, now)


def test_the_password_is_in_no_table(owner: Member, now: datetime) -> None:
    token = _joined(now)
    own = access.joining_of(token, now=now).id
    kept = requests.get(settings().memory_table, Key(f"demo#joining#{own}"))
    assert kept
    assert PASSWORD not in str(kept)
    access.confirm(token, now=now)
    assert set(requests.get(settings().memory_table, Key(f"demo#joining#{own}")) or {}) == {
        "pk",
        "used",
        "locale",
        "runs_out_at",
        "forget_at",
    }


def test_the_same_request_writes_once_and_an_address_gets_five_an_hour(owner: Member, now: datetime) -> None:
    for _ in range(2):
        access.join("demo", _draft(), locale="en", key="same", now=now)
    assert len(_mails()) == 1
    for number in range(9):
        access.join("demo", _draft(), locale="en", key=f"other {number}", now=now)
    assert len(_mails()) == 4


def test_an_organisation_that_is_none_has_no_portal(owner: Member, now: datetime) -> None:
    with pytest.raises(NotFound):
        access.join("nowhere", _draft(), locale="en", key="k", now=now)
    for token in ("", "demo.x", "demo.x.AAAAAAAAAAAAAAAAAAAAAA"):
        with pytest.raises(NotFound):
            access.confirm(token, now=now)
