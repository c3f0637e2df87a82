"""Staff: who is invited, and that an owner stays."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.operations import auth, organisations, staff
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.messages import message_id
from chalicelib.rules.organisation_refusals import AlreadyStaff, LastOwner
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.rules.refusals import NotFound
from chalicelib.tables import messages
from chalicelib.tables import staff as table

ANA = StaffInput(email="Ana@Example.org", name="Ana", role="manager")
Join = Callable[..., StaffMember]


@pytest.fixture
def join(tables: None, now: datetime) -> Join:
    """`join(user, role)` makes a user a member of the organisation `demo`."""
    organisations.create("demo", "Demo", now=now, locale="fr")

    def join(user: str, role: Role, status: str = "active") -> StaffMember:
        email = f"{user}@demo.test"
        member = StaffMember(org="demo", user=user, email=email, name=user, role=role, status=status, invited_at=now)  # type: ignore[arg-type]
        table.add(member)
        return member

    return join


def _owners() -> set[str]:
    return {member.user for member in table.every("demo") if member.role == "owner"}


def test_an_invitation_is_sent(join: Join, now: datetime) -> None:
    invited = staff.invite("demo", ANA, now=now)
    assert (invited.status, invited.role, invited.email) == ("invited", "manager", "Ana@Example.org")
    assert table.get("demo", invited.user) == invited
    message = messages.get("demo", message_id("staff_invitation", "demo", f"{invited.user}#{invited.link_version}"))
    assert message
    assert (message.to, message.locale) == ("Ana@Example.org", "fr")
    assert message.data == {"user": invited.user, "link_version": invited.link_version}


def test_the_same_address_is_invited_once(join: Join, now: datetime) -> None:
    staff.invite("demo", ANA, now=now)
    join("ben", "viewer")
    for email in ("ana@example.org", "BEN@demo.test"):
        with pytest.raises(AlreadyStaff):
            staff.invite("demo", StaffInput(email=email, name="Again", role="owner"), now=now + timedelta(days=13))
    assert len(list(messages.unsent("demo", now + timedelta(days=30)))) == 1


def test_two_who_invite_at_the_same_moment_invite_once(join: Join, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    staff.invite("demo", ANA, now=now)
    monkeypatch.setattr(table, "every", lambda _org: [])
    with pytest.raises(AlreadyStaff):
        staff.invite("demo", ANA, now=now)


def test_an_e_mail_lost_in_a_crash_is_queued_when_asked_again(join: Join, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    class Crash(Exception):
        pass

    def crash(**_: object) -> None:
        raise Crash

    with monkeypatch.context() as dying:
        dying.setattr("chalicelib.operations.messages.queue", crash)
        with pytest.raises(Crash):
            staff.invite("demo", ANA, now=now)
    with pytest.raises(AlreadyStaff):
        staff.invite("demo", ANA, now=now + timedelta(minutes=1))
    assert len(list(messages.unsent("demo", now + timedelta(days=1)))) == 1


def test_an_invitation_that_has_run_out_is_sent_anew(join: Join, now: datetime) -> None:
    first = staff.invite("demo", ANA, now=now)
    second = staff.invite("demo", ANA, now=now + timedelta(days=14))
    assert second.user == first.user
    assert second.link_version > first.link_version
    assert len(list(messages.unsent("demo", now + timedelta(days=30)))) == 2


def test_a_role_changes(join: Join) -> None:
    join("olga", "owner")
    join("ana", "viewer")
    assert staff.change_role("demo", "ana", "owner").role == "owner"
    assert _owners() == {"olga", "ana"}
    assert staff.change_role("demo", "olga", "manager").role == "manager"
    assert _owners() == {"ana"}


def test_the_last_owner_stays(join: Join) -> None:
    join("olga", "owner")
    join("ana", "manager")
    join("ben", "owner", "invited")
    with pytest.raises(LastOwner):
        staff.change_role("demo", "olga", "viewer")
    with pytest.raises(LastOwner):
        staff.remove("demo", "olga")
    assert staff.change_role("demo", "olga", "owner").role == "owner"
    staff.remove("demo", "ben")
    assert _owners() == {"olga"}


@pytest.mark.parametrize("how", ["demote", "remove"])
def test_two_owners_who_depose_each_other_at_the_same_moment_do_not_both_succeed(
    how: str, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has read the staff before the first was done: it must find out when it writes."""
    join("olga", "owner")
    join("paul", "owner")
    read, stale = table.every, [table.every("demo")]
    depose: Callable[[str], object] = (
        (lambda user: staff.change_role("demo", user, "viewer")) if how == "demote" else (lambda user: staff.remove("demo", user))
    )
    depose("olga")
    monkeypatch.setattr(table, "every", lambda org: stale.pop() if stale else read(org))
    with pytest.raises(LastOwner):
        depose("paul")
    assert not stale
    assert _owners() == {"paul"}


def test_a_role_that_changed_meanwhile_is_looked_at_again(join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    """The member becomes the only owner between our read and our write."""
    join("olga", "owner")
    join("ana", "manager")
    read, stale = table.every, [table.every("demo")]
    staff.change_role("demo", "ana", "owner")
    staff.change_role("demo", "olga", "viewer")
    monkeypatch.setattr(table, "every", lambda org: stale.pop() if stale else read(org))
    with pytest.raises(LastOwner):
        staff.remove("demo", "ana")


def test_nobody_unknown_changes(join: Join) -> None:
    with pytest.raises(NotFound):
        staff.change_role("demo", "nobody", "viewer")
    with pytest.raises(NotFound):
        staff.remove("demo", "nobody")


def test_the_owner_of_the_local_start_is_set_again_and_again(user_pool: str, now: datetime) -> None:
    organisations.create("demo", "Demo", now=now)
    first = staff.set_owner("demo", "owner@demo.test", "Owner", password="first-Passw0rd", now=now)
    staff.invite("demo", ANA, now=now)
    table.set_role(first, "viewer")
    again = staff.set_owner("demo", "owner@demo.test", "Owner", password="second-Passw0rd", now=now + timedelta(days=1))
    assert (again.user, again.role, again.invited_at) == (first.user, "owner", now)
    assert auth.sign_in("owner@demo.test", "second-Passw0rd", source="", now=now).user == first.user
    assert _owners() == {first.user}
