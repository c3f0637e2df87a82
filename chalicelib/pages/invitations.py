"""What staff do with an invitation that is out: send it again, end it, let it live again, say yes or no to who waits."""

from chalicelib.operations import invitations
from chalicelib.pages import asking
from chalicelib.pages.answers import Answer, Redirect
from chalicelib.pages.declaring import Staff, Visit, page
from chalicelib.pages.paths import written
from chalicelib.pages.sessions.inviting import question
from chalicelib.rules.drafts.invitations import Reviving
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import SessionFull
from chalicelib.web.refusals import status_of

OWN = "/o/{org}/invitations/{invitation}"
MANAGER = Staff("manager")


@page("POST", OWN + "/resend", who=MANAGER)
def resend(visit: Visit) -> Answer:
    invitations.resend(visit.org, visit["invitation"], rotate=False, now=visit.call.now)
    return _to_roster(visit, "resent")


@page("GET", OWN + "/rotate", who=MANAGER)
def ask_rotate(visit: Visit) -> Answer:
    invitation = _live(visit)
    return asking.ask(
        visit,
        f"Send {invitation.email} a new link?",
        ["The link that they have stops working at once.", "A new one goes out by e-mail. The spots stay held."],
        verb="Send a new link",
        back=_roster(visit),
    )


@page("POST", OWN + "/rotate", who=MANAGER)
def rotate(visit: Visit) -> Answer:
    invitations.resend(visit.org, visit["invitation"], rotate=True, now=visit.call.now)
    return _to_roster(visit, "rotated")


@page("GET", OWN + "/cancel", who=MANAGER)
def ask_cancel(visit: Visit) -> Answer:
    invitation = _live(visit)
    return asking.ask(
        visit,
        f"Cancel the invitation of {invitation.email}?",
        [_spots_back(invitation), "The link stops working. No e-mail goes out about it.", *_place_kept(invitation)],
        verb="Cancel the invitation",
        stay="Keep it",
        back=_roster(visit),
        destroys=True,
    )


@page("POST", OWN + "/cancel", who=MANAGER)
def cancel(visit: Visit) -> Answer:
    invitations.cancel_invitation(visit.org, visit["invitation"], by=visit.by, now=visit.call.now)
    return _to_roster(visit, "invitation-cancelled")


@page("POST", OWN + "/revive", who=MANAGER)
def revive(visit: Visit) -> Answer:
    """Let it live again; a full session asks before it grows."""
    wanted = Reviving(confirm_over_capacity=visit.typed.get("confirm_over_capacity") == "true")
    try:
        invitations.revive(visit.org, visit["invitation"], wanted, by=visit.by, key=visit.key, now=visit.call.now)
    except SessionFull as full:
        return _ask_over_capacity(visit, full)
    return _to_roster(visit, "revived")


@page("POST", OWN + "/approve", who=MANAGER)
def approve(visit: Visit) -> Answer:
    invitations.approve(visit.org, visit["invitation"], now=visit.call.now)
    return _to_roster(visit, "approved")


@page("GET", OWN + "/reject", who=MANAGER)
def ask_reject(visit: Visit) -> Answer:
    invitation = _live(visit)
    name = invitation.claimant.name if invitation.claimant else "this request"
    return asking.ask(
        visit,
        f"Turn {name} down?",
        [f"What they filled in is dropped. {invitation.email} may still use the invitation, and its spots stay held."],
        verb="Turn down",
        back=_roster(visit),
        destroys=True,
    )


@page("POST", OWN + "/reject", who=MANAGER)
def reject(visit: Visit) -> Answer:
    invitations.reject(visit.org, visit["invitation"], now=visit.call.now)
    return _to_roster(visit, "rejected")


def _live(visit: Visit) -> Invitation:
    return invitations.read_invitation(visit.org, visit["invitation"], now=visit.call.now).invitation


def _ask_over_capacity(visit: Visit, full: SessionFull) -> Answer:
    return asking.ask(
        visit,
        "This session is full",
        [question(full)],
        verb="Invite anyway",
        back=_roster(visit),
        confirms="confirm_over_capacity",
        status=status_of(full),
    )


def _spots_back(invitation: Invitation) -> str:
    if invitation.extra:
        return "Its extra spots disappear with it."
    return "1 spot is free again at once." if invitation.party_size == 1 else f"{invitation.party_size} spots are free again at once."


def _place_kept(invitation: Invitation) -> list[str]:
    """Return what becomes of somebody on the waitlist whose offer ends."""
    return ["They stay on the waitlist, but get no other offer unless you invite them from there."] if invitation.entry else []


def _roster(visit: Visit) -> str:
    """Return the roster that the invitation is on: its id begins with the session's."""
    return written("/o/{org}/sessions/{session}", org=visit.org, session=visit["invitation"].partition("-")[0])


def _to_roster(visit: Visit, done: str) -> Answer:
    return Redirect(_roster(visit), {"done": done})
