"""Invited staff sign up."""

from datetime import datetime, timedelta

import pytest

from chalicelib.operations import auth, links, staff
from chalicelib.operations.auth import user_pool
from chalicelib.rules.auth import LinkExpired, LinkUsed, TooManyAttempts, WrongPassword
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import staff as table
from tests.operations.auth import NEW_PASSWORD, PASSWORD

HERE = "192.0.2.1"
ANA = StaffInput(email="Ana@Example.org", name="Ana", role="manager")


def _token(invited: StaffMember) -> str:
    return links.staff_activation_link(invited.org, invited.user, invited.link_version).rpartition("/")[2]


def _invited(now: datetime) -> str:
    return _token(staff.invite("demo", ANA, now=now))


def _activate(token: str, now: datetime, password: str = PASSWORD) -> StaffMember:
    return auth.activate_staff(token, password, source=HERE, now=now)


def test_an_invited_member_can_sign_in(owner: StaffMember, now: datetime) -> None:
    token = _invited(now)
    assert auth.invitation_of(token, now=now).email == "Ana@Example.org"
    assert not auth.has_account("ana@example.org")
    member = _activate(token, now)
    assert (member.role, member.status) == ("manager", "active")
    assert auth.has_account("ana@example.org")
    signed_in = auth.sign_in("ana@example.org", PASSWORD, source=HERE, now=now)
    assert [(m.org, m.user, m.role) for m in signed_in.person.memberships] == [("demo", member.user, "manager")]
    assert len(table.every("demo")) == 2


def test_looking_at_the_invitation_changes_nothing(owner: StaffMember, now: datetime) -> None:
    token = _invited(now)
    before = table.every("demo")
    auth.invitation_of(token, now=now)
    assert table.every("demo") == before


def test_the_link_works_once(owner: StaffMember, now: datetime) -> None:
    token = _invited(now)
    _activate(token, now)
    with pytest.raises(LinkUsed):
        _activate(token, now)
    with pytest.raises(LinkUsed):
        auth.invitation_of(token, now=now)


def test_two_at_the_same_moment_use_it_once(owner: StaffMember, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    token = _invited(now)
    invited = auth.invitation_of(token, now=now)
    _activate(token, now)
    monkeypatch.setattr(table, "get", lambda *_: invited)
    with pytest.raises(LinkUsed):
        _activate(token, now)


def test_an_invitation_withdrawn_is_over(owner: StaffMember, now: datetime) -> None:
    invited = staff.invite("demo", ANA, now=now)
    staff.remove("demo", invited.user)
    with pytest.raises(LinkUsed):
        _activate(_token(invited), now)


def test_a_used_link_stays_used_when_its_address_is_invited_again(owner: StaffMember, now: datetime) -> None:
    token = _invited(now)
    member = _activate(token, now)
    staff.remove("demo", member.user)
    again = _invited(now + timedelta(minutes=1))
    with pytest.raises(LinkUsed):
        _activate(token, now)
    assert _activate(again, now).role == "manager"


def test_the_link_runs_out_after_fourteen_days(owner: StaffMember, now: datetime) -> None:
    token = _invited(now)
    auth.invitation_of(token, now=now + timedelta(days=13, hours=23))
    with pytest.raises(LinkExpired):
        _activate(token, now + timedelta(days=14))


def test_an_address_with_an_account_proves_it_with_its_own_password(owner: StaffMember, now: datetime) -> None:
    user = user_pool.sign_up("ana@example.org", PASSWORD)
    token = _invited(now)
    with pytest.raises(WrongPassword):
        _activate(token, now, NEW_PASSWORD)
    assert table.get("demo", user or "") is None
    assert _activate(token, now).user == user
    with pytest.raises(WrongPassword):
        user_pool.authenticate("ana@example.org", NEW_PASSWORD)


def test_a_link_is_no_way_around_the_limit_on_guessing(owner: StaffMember, now: datetime) -> None:
    user_pool.sign_up("ana@example.org", PASSWORD)
    token = _invited(now)
    for _ in range(10):
        with pytest.raises(WrongPassword):
            _activate(token, now, NEW_PASSWORD)
    with pytest.raises(TooManyAttempts):
        _activate(token, now)


@pytest.mark.parametrize("token", ["", "x", "a.b.c.d", "demo.invited-1.1.AAAAAAAAAAAAAAAAAAAAAA"])
def test_a_made_up_link_leads_nowhere(token: str, owner: StaffMember, now: datetime) -> None:
    with pytest.raises(NotFound):
        auth.invitation_of(token, now=now)


def test_a_changed_link_leads_nowhere(owner: StaffMember, now: datetime) -> None:
    token = _invited(now)
    for changed in (token.replace("demo", "other"), token[:-1] + ("A" if token[-1] != "A" else "B")):
        with pytest.raises(NotFound):
            auth.invitation_of(changed, now=now)
