"""Invited staff sign up."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations import access, links, staff
from chalicelib.operations.access import accounts
from chalicelib.rules.accounts import LinkRunOut, LinkUsed, TooManyAttempts, WrongPassword
from chalicelib.rules.drafts.organisations import StaffDraft
from chalicelib.rules.organisations import Member
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import members
from tests.operations.access import NEW_PASSWORD, PASSWORD

HERE = "192.0.2.1"
ANA = StaffDraft(email="Ana@Example.org", name="Ana", role="manager")


def _token(invited: Member) -> str:
    return links.staff_activation_link(invited.org, invited.user, invited.link_version).rpartition("/")[2]


def _invited(now: datetime) -> str:
    return _token(staff.invite("demo", ANA, now=now))


def _activate(token: str, now: datetime, password: str = PASSWORD) -> Member:
    return access.activate_staff(token, password, source=HERE, now=now)


def test_the_invited_one_becomes_a_member_who_signs_in(owner: Member, now: datetime) -> None:
    token = _invited(now)
    assert access.invitation_of(token, now=now).email == "Ana@Example.org"
    assert not access.has_account("ana@example.org")
    member = _activate(token, now)
    assert (member.role, member.status) == ("manager", "active")
    assert access.has_account("ana@example.org")
    signed_in = access.sign_in("ana@example.org", PASSWORD, source=HERE, now=now)
    assert [(m.org, m.user, m.role) for m in signed_in.person.memberships] == [("demo", member.user, "manager")]
    assert len(members.every("demo")) == 2


def test_looking_at_the_invitation_changes_nothing(owner: Member, now: datetime) -> None:
    token = _invited(now)
    before = members.every("demo")
    access.invitation_of(token, now=now)
    assert members.every("demo") == before


def test_the_link_works_once(owner: Member, now: datetime) -> None:
    token = _invited(now)
    _activate(token, now)
    with pytest.raises(LinkUsed):
        _activate(token, now)
    with pytest.raises(LinkUsed):
        access.invitation_of(token, now=now)


def test_two_at_the_same_moment_use_it_once(owner: Member, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    token = _invited(now)
    invited = access.invitation_of(token, now=now)
    _activate(token, now)
    monkeypatch.setattr(members, "get", lambda *_: invited)
    with pytest.raises(LinkUsed):
        _activate(token, now)


def test_an_invitation_withdrawn_is_over(owner: Member, now: datetime) -> None:
    invited = staff.invite("demo", ANA, now=now)
    staff.remove("demo", invited.user)
    with pytest.raises(LinkUsed):
        _activate(_token(invited), now)


def test_a_used_link_stays_used_when_its_address_is_invited_again(owner: Member, now: datetime) -> None:
    token = _invited(now)
    member = _activate(token, now)
    staff.remove("demo", member.user)
    again = _invited(now + timedelta(minutes=1))
    with pytest.raises(LinkUsed):
        _activate(token, now)
    assert _activate(again, now).role == "manager"


def test_the_link_runs_out_after_fourteen_days(owner: Member, now: datetime) -> None:
    token = _invited(now)
    access.invitation_of(token, now=now + timedelta(days=13, hours=23))
    with pytest.raises(LinkRunOut):
        _activate(token, now + timedelta(days=14))


def test_an_address_with_an_account_proves_it_with_its_own_password(owner: Member, now: datetime) -> None:
    user = accounts.sign_up("ana@example.org", PASSWORD)
    token = _invited(now)
    with pytest.raises(WrongPassword):
        _activate(token, now, NEW_PASSWORD)
    assert members.get("demo", user or "") is None
    assert _activate(token, now).user == user
    with pytest.raises(WrongPassword):
        accounts.authenticate("ana@example.org", NEW_PASSWORD)


def test_a_link_is_no_way_around_the_limit_on_guessing(owner: Member, now: datetime) -> None:
    accounts.sign_up("ana@example.org", PASSWORD)
    token = _invited(now)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            _activate(token, now, NEW_PASSWORD)
    with pytest.raises(TooManyAttempts):
        _activate(token, now)


@pytest.mark.parametrize("token", ["", "x", "a.b.c.d", "demo.invited-1.1.AAAAAAAAAAAAAAAAAAAAAA"])
def test_a_made_up_link_leads_nowhere(token: str, owner: Member, now: datetime) -> None:
    with pytest.raises(NotFound):
        access.invitation_of(token, now=now)


def test_a_changed_link_leads_nowhere(owner: Member, now: datetime) -> None:
    token = _invited(now)
    for changed in (token.replace("demo", "other"), token[:-1] + ("A" if token[-1] != "A" else "B")):
        with pytest.raises(NotFound):
            access.invitation_of(changed, now=now)
