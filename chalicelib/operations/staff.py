"""Staff of an organisation: invited by e-mail, with a role, and never without an owner.

Two owners who demote each other at the same moment must not both succeed. So whoever takes the role from an owner names another owner in
the same transaction, who must still be one when it is committed: of two such transactions the second finds its witness gone and is refused.
A count of owners would do as well, but could drift from the rows.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from chalicelib.operations import messages
from chalicelib.operations.access import accounts
from chalicelib.rules.accounts import INVITATION_LASTS
from chalicelib.rules.addresses import compared
from chalicelib.rules.drafts.organisations import StaffDraft
from chalicelib.rules.organisations import AlreadyStaff, LastOwner, Member, Role
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, NotFound
from chalicelib.tables import members, organisations

T = TypeVar("T")
TRIES = 5


def every(org: str) -> list[Member]:
    """Return everybody of the staff, invited ones included, by address."""
    return sorted(members.every(org), key=lambda member: (compared(member.email), member.user))


def invite(org: str, draft: StaffDraft, *, now: datetime) -> Member:
    """Invite somebody to the staff by e-mail. Raises AlreadyStaff, unless an earlier invitation has run out.

    Asking again for one who is invited makes sure of the e-mail, in case we died before it was queued.
    """
    invited = Member(
        org=org,
        user=_stand_in(draft.email),
        email=draft.email,
        name=draft.name,
        role=draft.role,
        status="invited",
        invited_at=now,
        link_version=int(now.timestamp()),
    )
    known = [member for member in members.every(org) if compared(member.email) == compared(draft.email)]
    if not _write(invited, known[0] if known else None):
        for member in known:
            _queue(member)
        raise AlreadyStaff
    _queue(invited)
    return invited


def change_role(org: str, user: str, role: Role) -> Member:
    """Give a member another role. Raises NotFound and LastOwner."""
    return _beside_an_owner(org, user, role, lambda member, beside: members.set_role(member, role, beside=beside))


def remove(org: str, user: str) -> None:
    """Remove a member, or withdraw the invitation. Raises NotFound and LastOwner."""
    _beside_an_owner(org, user, None, lambda member, beside: members.remove(member, beside=beside))


def set_owner(org: str, email: str, name: str, *, password: str, now: datetime) -> Member:
    """Make sure that this address owns the organisation and signs in with this password."""
    user = accounts.sign_up(email, password)
    if user is None:
        accounts.set_password(email, password)
        user = accounts.user_of(email) or ""
    owner = Member(org=org, user=user, email=email, name=name, role="owner", status="active", invited_at=now)
    if members.add(owner):
        return owner
    known = members.get(org, user) or owner
    return known if known.role == "owner" else members.set_role(known, "owner")


def _write(invited: Member, known: Member | None) -> bool:
    if known is None:
        return members.add(invited)
    run_out = known.status == "invited" and invited.invited_at >= known.invited_at + INVITATION_LASTS
    return run_out and members.invite_again(known, invited)


def _queue(invited: Member) -> None:
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


def _stand_in(email: str) -> str:
    """Return what an invited member is called until there is a user: the same for the same address, so that nobody is invited twice."""
    return f"invited-{sha256(compared(email).encode()).hexdigest()[:24]}"


def _beside_an_owner(org: str, user: str, role: Role | None, do: Callable[[Member, Member | None], T]) -> T:
    """Do it to the member as read. When it takes an owner's role, another owner must stand by."""
    for _ in range(TRIES):
        staff = members.every(org)
        member = next((one for one in staff if one.user == user), None)
        if member is None:
            raise NotFound
        try:
            return do(member, _witness(member, role, staff))
        except ChangedMeanwhile:
            continue
    raise Busy


def _witness(member: Member, role: Role | None, staff: list[Member]) -> Member | None:
    """Return an owner who stays. Raises LastOwner. Somebody only invited does not own anything yet."""
    if not _owns(member) or role == "owner":
        return None
    found = next((one for one in staff if _owns(one) and one.user != member.user), None)
    if found is None:
        raise LastOwner
    return found


def _owns(member: Member) -> bool:
    return member.role == "owner" and member.status == "active"
