"""The sentence and the page of a notification. An erased person has no name in it."""

from typing import NamedTuple

from chalicelib.i18n import translation
from chalicelib.rules.contracts import Contract
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.messages import Message
from chalicelib.rules.notifications import Notification, NotificationKind
from chalicelib.rules.refs import public_id
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.translation import N_
from chalicelib.rules.waitlist import WaitlistEntry


class NotificationContext(NamedTuple):
    """The things that a notification names, None for those it does not name or that were deleted."""

    session: Session | None = None
    registration: Registration | None = None
    invitation: Invitation | None = None
    entry: WaitlistEntry | None = None
    message: Message | None = None
    contract: Contract | None = None


SOMEBODY, SOMEBODY_ELSE = N_("Somebody"), N_("somebody else")
NO_SESSION = N_("a session that is gone")
SENTENCES: dict[NotificationKind, str] = {
    "registered": N_("%(who)s registered for %(session)s."),
    "booking_cancelled": N_("%(who)s cancelled: %(session)s."),
    "booking_changed": N_("%(who)s changed the participants or answers of a booking: %(session)s."),
    "booking_moved": N_("%(who)s moved a booking to %(session)s."),
    "spots_returned": N_("%(who)s gave back some spots: %(session)s."),
    "accepted": N_("%(who)s accepted the invitation to %(session)s."),
    "declined": N_("%(who)s declined the invitation to %(session)s."),
    "waiting_for_approval": N_("%(who)s asks to use the invitation of %(invited)s to %(session)s."),
    "waitlist_joined": N_("%(who)s joined the waitlist of %(session)s."),
    "sold_out": N_("Sold out: %(session)s."),
    "paid_late": N_("%(who)s paid online for %(session)s after nothing was due any more. You may want to refund it."),
    "refund_failed": N_("Stripe did not refund %(who)s: %(session)s. Look at the payment in your Stripe account."),
    "goes_ahead": N_("%(session)s goes ahead: enough participants have registered."),
    "below_minimum": N_("%(session)s has too few participants. Decide whether it goes ahead."),
    "cancelled_below_minimum": N_("%(session)s was cancelled: too few participants. Everybody has been told."),
    "webhook_off": N_("A webhook was switched off: its program could not be reached, or wants no more events."),
    "mail_rests": N_(
        "Too many of today's e-mails bounced or were marked as spam, so mailings and invitations wait until midnight (UTC). Check your "
        "addresses before they go on."
    ),
    "bounced": N_("%(who)s could not be reached: an e-mail bounced."),
}
REFUNDS = N_("%(session)s was cancelled: too few participants. See which payments to refund.")
SEVERAL = N_("%(who)s joined the waitlist of %(session)s, and those of other sessions with it.")
DONE = {
    "import": N_("The import of customers is done."),
    "participants": N_("The import of participants of %(contract)s is done."),
    "codes": N_("The codes for %(contract)s are made."),
    "mailing": N_("The e-mail to the roster of %(session)s is on its way."),
    "portal_invitations": N_("The invitations to the portal are on their way."),
    "session_invitations": N_("The invitations to %(session)s are on their way."),
}
PARTLY = {
    "import": N_("The import of customers is done, but some rows failed."),
    "participants": N_("The import of participants of %(contract)s is done, but some rows failed."),
    "codes": N_("The codes for %(contract)s are made, but some failed."),
    "mailing": N_("The e-mail to the roster of %(session)s is on its way, but not to everybody."),
    "portal_invitations": N_("The invitations to the portal are on their way, but not to everybody."),
    "session_invitations": N_("The invitations to %(session)s are on their way, but not to everybody."),
}
FAILED = {
    "import": N_("The import of customers broke off."),
    "participants": N_("The import of participants of %(contract)s broke off."),
    "codes": N_("Making codes for %(contract)s broke off."),
    "mailing": N_("The e-mail to the roster of %(session)s broke off."),
    "portal_invitations": N_("Inviting to the portal broke off."),
    "session_invitations": N_("Inviting to %(session)s stopped before it was finished."),
}


TABS: dict[NotificationKind, str] = {
    "declined": "?tab=invitations",
    "waitlist_joined": "?tab=waitlist",
    "below_minimum": "/minimum",
    "cancelled_below_minimum": "/minimum",
}
"""The tab or page of the session that shows it."""


def sentence(notification: Notification, about: NotificationContext, locale: str) -> str:
    """Return the notification as a sentence in this language."""
    say = translation(locale).gettext
    named = {
        "who": _who(about) or say(SOMEBODY),
        "invited": (about.invitation and about.invitation.email) or say(SOMEBODY_ELSE),
        "session": about.session.title if about.session else say(NO_SESSION),
        "contract": about.contract.name if about.contract else "",
    }
    return say(_pattern(notification)) % named


def path(notification: Notification, about: NotificationContext) -> str:
    """Return the path of the page about it, empty if that was deleted."""
    root = f"/o/{notification.org}"
    if notification.about.get("job"):
        return f"{root}/jobs/{notification.about['job']}"
    if notification.kind == "mail_rests":
        return f"{root}/customers"
    if notification.kind == "webhook_off":
        return f"{root}/integrations"
    if about.message:
        return f"{root}/messages/{about.message.id}"
    if about.registration:
        return f"{root}/registrations/{public_id(about.registration.session, about.registration.id)}"
    if about.session is None:
        return ""
    return f"{root}/sessions/{about.session.id}{TABS.get(notification.kind, '')}"


def _pattern(notification: Notification) -> str:
    what = notification.about.get("what", "")
    if what == "import" and "contract" in notification.about:
        what = "participants"
    if notification.kind == "job_failed":
        return FAILED.get(what, what)
    if notification.kind == "job_done":
        return (PARTLY if "failures" in notification.about else DONE).get(what, what)
    if "others" in notification.about:
        return SEVERAL
    return REFUNDS if "refunds" in notification.about else SENTENCES[notification.kind]


def _who(about: NotificationContext) -> str:
    """Return the person's name, or the address of an invitation or message; empty if unknown."""
    if about.registration:
        return about.registration.name
    if about.entry:
        return about.entry.name
    if about.message:
        return about.message.to
    if about.invitation is None:
        return ""
    return about.invitation.claimant.name if about.invitation.claimant else about.invitation.email
