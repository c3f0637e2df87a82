"""Staff of an organisation: invited by e-mail, with a role, and never without an owner.

Two owners who demote each other at the same moment must not both succeed. So a write that takes an owner's role requires, in the same
transaction, that another owner still is one. The second of two such transactions fails. A stored count of owners could drift.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from chalicelib.languages import Locale
from chalicelib.operations import messages
from chalicelib.operations.auth import user_pool
from chalicelib.operations.sessions.leaders import drop_leader
from chalicelib.rules.addresses import compared
from chalicelib.rules.auth import INVITATION_LASTS
from chalicelib.rules.inputs.organisations import StaffInput
from chalicelib.rules.organisation_refusals import AlreadyStaff, LastOwner, NoSupportWanted
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.permissions import Role
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import organisations
from chalicelib.tables import staff as table

T = TypeVar("T")
TRIES = 5


def every(org: str) -> list[StaffMember]:
    """Return all staff members, invited ones included, by address."""
    return sorted(table.every(org), key=lambda member: (compared(member.email), member.user))


def admit_support(org: str, draft: StaffInput, *, now: datetime) -> StaffMember:
    """Invite somebody of the operator's to look at everything, for as long as an owner has allowed that. It may be repeated.

    Raises NotFound, NoSupportWanted, AlreadyStaff for one of the organisation's own staff.
    """
    until = organisations.get(org).support_until
    if until is None or until <= now:
        raise NoSupportWanted
    for earlier in table.every(org):
        if earlier.until and compared(earlier.email) == compared(draft.email):
            remove(org, earlier.user)
    return invite(org, draft, now=now, until=until)


def invite(org: str, draft: StaffInput, *, now: datetime, again: bool = False, until: datetime | None = None) -> StaffMember:
    """Invite somebody to the staff by e-mail. Raises AlreadyStaff, unless an earlier invitation has expired or `again` replaces it.

    For an invited member the e-mail is queued if an earlier attempt failed to.
    """
    invited = StaffMember(
        org=org,
        user=_pseudonym(draft.email),
        email=draft.email,
        name=draft.name,
        role=draft.role,
        status="invited",
        invited_at=now,
        link_version=int(now.timestamp()),
        until=until,
    )
    known = [member for member in table.every(org) if compared(member.email) == compared(draft.email)]
    if not _write(invited, known[0] if known else None, again=again):
        for member in known:
            _queue(member)
        raise AlreadyStaff
    _queue(invited)
    return invited


def change_role(org: str, user: str, role: Role) -> StaffMember:
    """Change a member's role. Raises NotFound, LastOwner."""
    return _beside_an_owner(org, user, role, lambda member, beside: table.set_role(member, role, beside=beside))


def choose_language(user: str, language: Locale) -> None:
    """Set the language of a user's pages, in all organisations to whose staff they belong."""
    for member in table.of_user(user):
        if member.language != language:
            table.set_language(member, language)


def remove(org: str, user: str) -> None:
    """Remove a member, or withdraw the invitation; they lead no session any more. Raises NotFound, LastOwner."""

    def remove_with_sessions(member: StaffMember, beside: StaffMember | None) -> None:
        # First the sessions: after a crash in between, the removal can be repeated.
        drop_leader(org, member.email)
        table.remove(member, beside=beside)

    _beside_an_owner(org, user, None, remove_with_sessions)


def set_owner(org: str, email: str, name: str, *, password: str, now: datetime) -> StaffMember:
    """Make this address an owner of the organisation, with an account and this password."""
    user = user_pool.sign_up(email, password)
    if user is None:
        user_pool.set_password(email, password)
        user = user_pool.user_of(email) or ""
    owner = StaffMember(org=org, user=user, email=email, name=name, role="owner", status="active", invited_at=now)
    if table.add(owner):
        return owner
    known = table.get(org, user) or owner
    return known if known.role == "owner" else table.set_role(known, "owner")


def _write(invited: StaffMember, known: StaffMember | None, *, again: bool) -> bool:
    if known is None:
        return table.add(invited)
    run_out = invited.invited_at >= known.invited_at + INVITATION_LASTS
    return known.status == "invited" and (run_out or again) and table.invite_again(known, invited)


def _queue(invited: StaffMember) -> None:
    if invited.status != "invited":
        return
    messages.queue(
        kind="staff_invitation",
        org=invited.org,
        to=invited.email,
        locale=organisations.get(invited.org).locale,
        data={"user": invited.user, "link_version": invited.link_version},
        key=f"{invited.user}#{invited.link_version}",
        now=invited.invited_at,
    )


def _pseudonym(email: str) -> str:
    """Return the id of an invited member without an account. It derives from the address, so that nobody is invited twice."""
    return f"invited-{sha256(compared(email).encode()).hexdigest()[:24]}"


def _beside_an_owner(org: str, user: str, role: Role | None, do: Callable[[StaffMember, StaffMember | None], T]) -> T:
    """Call `do` with the member as read and, if an owner's role is taken, another owner whom the write must require."""
    for _ in range(TRIES):
        staff = table.every(org)
        member = next((one for one in staff if one.user == user), None)
        if member is None:
            raise NotFound
        try:
            return do(member, _witness(member, role, staff))
        except ChangedMeanwhile:
            continue
    raise Busy


def _witness(member: StaffMember, role: Role | None, staff: list[StaffMember]) -> StaffMember | None:
    """Return another active owner, None if the change takes no owner's role. Raises LastOwner."""
    if not _owns(member) or role == "owner":
        return None
    found = next((one for one in staff if _owns(one) and one.user != member.user), None)
    if found is None:
        raise LastOwner
    return found


def _owns(member: StaffMember) -> bool:
    return member.role == "owner" and member.status == "active"
