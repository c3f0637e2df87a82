"""Staff actions on an invitation: resend, cancel, revive, approve, reject."""

from chalicelib.operations import invitations
from chalicelib.pages import confirm
from chalicelib.pages.paths import written
from chalicelib.pages.responses import PageResponse, Redirect
from chalicelib.pages.sessions.invite import extra_spots_question
from chalicelib.pages.sessions.roster_query import query_fields
from chalicelib.pages.views import page
from chalicelib.pages.visit import Visit
from chalicelib.rules.inputs.invitations import ReviveInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.ledger import SessionFull
from chalicelib.web.audience import Staff
from chalicelib.web.refusals import status_of

INVITATION = "/o/{org}/invitations/{invitation}"


@page("POST", INVITATION + "/resend", who=Staff("manage_roster"))
def resend(visit: Visit) -> PageResponse:
    sent = invitations.resend(visit.org, visit["invitation"], rotate=False, now=visit.call.now)
    return _to_roster(visit, "resent" if sent.mail == "queued" else "resent-silently")


@page("GET", INVITATION + "/rotate", who=Staff("manage_roster"))
def ask_rotate(visit: Visit) -> PageResponse:
    invitation = _live(visit)
    return confirm.ask(
        visit,
        visit.gettext("Send %(email)s a new link?") % {"email": invitation.email},
        [visit.gettext("The old link stops working at once."), visit.gettext("A new one is sent by e-mail. The spots stay held.")],
        verb=visit.gettext("Send a new link"),
        back=_back(visit),
        keeps=_origin(visit),
    )


@page("POST", INVITATION + "/rotate", who=Staff("manage_roster"))
def rotate(visit: Visit) -> PageResponse:
    sent = invitations.resend(visit.org, visit["invitation"], rotate=True, now=visit.call.now)
    return _to_roster(visit, "rotated" if sent.mail == "queued" else "rotated-silently")


@page("GET", INVITATION + "/cancel", who=Staff("manage_roster"))
def ask_cancel(visit: Visit) -> PageResponse:
    invitation = _live(visit)
    return confirm.ask(
        visit,
        visit.gettext("Cancel the invitation of %(email)s?") % {"email": invitation.email},
        [_spots_back(visit, invitation), visit.gettext("The link stops working. No e-mail is sent."), *_entry_kept(visit, invitation)],
        verb=visit.gettext("Cancel the invitation"),
        stay=visit.gettext("Keep invitation"),
        back=_back(visit),
        keeps=_origin(visit),
        destroys=True,
    )


@page("POST", INVITATION + "/cancel", who=Staff("manage_roster"))
def cancel(visit: Visit) -> PageResponse:
    invitations.cancel_invitation(visit.org, visit["invitation"], by=visit.by, now=visit.call.now)
    return _to_roster(visit, "invitation-cancelled")


@page("POST", INVITATION + "/revive", who=Staff("manage_roster"))
def revive(visit: Visit) -> PageResponse:
    """Revive an invitation. A full session asks for confirmation before extra spots are added."""
    wanted = ReviveInput(confirm_over_capacity=visit.typed.get("confirm_over_capacity") == "true")
    try:
        invitations.revive(visit.org, visit["invitation"], wanted, by=visit.by, key=visit.key, now=visit.call.now)
    except SessionFull as full:
        return _ask_over_capacity(visit, full)
    return _to_roster(visit, "revived")


@page("POST", INVITATION + "/approve", who=Staff("manage_roster"))
def approve(visit: Visit) -> PageResponse:
    invitations.approve(visit.org, visit["invitation"], now=visit.call.now)
    return _to_roster(visit, "approved")


@page("GET", INVITATION + "/reject", who=Staff("manage_roster"))
def ask_reject(visit: Visit) -> PageResponse:
    invitation = _live(visit)
    name = invitation.claimant.name if invitation.claimant else visit.gettext("this request")
    return confirm.ask(
        visit,
        visit.gettext("Decline %(name)s?") % {"name": name},
        [
            visit.gettext("What they filled in is dropped. %(email)s may still use the invitation, and its spots stay held.")
            % {"email": invitation.email}
        ],
        verb=visit.gettext("Decline"),
        back=_back(visit),
        keeps=_origin(visit),
        destroys=True,
    )


@page("POST", INVITATION + "/reject", who=Staff("manage_roster"))
def reject(visit: Visit) -> PageResponse:
    invitations.reject(visit.org, visit["invitation"], now=visit.call.now)
    return _to_roster(visit, "rejected")


def _live(visit: Visit) -> Invitation:
    return invitations.read_invitation(visit.org, visit["invitation"], now=visit.call.now).invitation


def _ask_over_capacity(visit: Visit, full: SessionFull) -> PageResponse:
    return confirm.ask(
        visit,
        visit.gettext("This session is full"),
        [extra_spots_question(visit, full)],
        verb=visit.gettext("Invite anyway"),
        back=_back(visit),
        keeps=_origin(visit),
        confirms="confirm_over_capacity",
        status=status_of(full),
    )


def _spots_back(visit: Visit, invitation: Invitation) -> str:
    if invitation.extra:
        return visit.gettext("Its extra spots disappear with it.")
    text = visit.ngettext("%(num)d spot is free again at once.", "%(num)d spots are free again at once.", invitation.party_size)
    return text % {"num": invitation.party_size}


def _entry_kept(visit: Visit, invitation: Invitation) -> list[str]:
    """Return the consequence for the waitlist entry when the invitation is an offer; nothing for other invitations."""
    kept = visit.gettext("They stay on the waitlist, but get no other offer unless you invite them from there.")
    return [kept] if invitation.entry else []


def _roster(visit: Visit) -> str:
    """Return the path of the roster. A public id of an invitation begins with the session's id."""
    return written("/o/{org}/sessions/{session}", org=visit.org, session=visit["invitation"].partition("-")[0])


def _origin(visit: Visit) -> dict[str, str]:
    """Return the fields that name the page from which the action was chosen: the agenda, or a place on the roster."""
    given = visit.typed if visit.call.method == "POST" else visit.call.query
    agenda = {"from": "agenda"} if given.get("from") == "agenda" else {}
    tab = {"tab": "invitations"} if given.get("tab") == "invitations" else {}
    return {**query_fields(visit), **tab, **agenda}


def _back(visit: Visit) -> str:
    """Return the page from which the action was chosen."""
    origin = _origin(visit)
    return f"/o/{visit.org}" if "from" in origin else _roster(visit)


def _to_roster(visit: Visit, done: str) -> PageResponse:
    """Return to the agenda if the action was chosen there, else to the session, at the same place of its roster."""
    origin = _origin(visit)
    return Redirect(_back(visit), {"done": done} if "from" in origin else {**origin, "done": done})
