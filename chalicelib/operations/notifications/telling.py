"""What a notification says, and the page that it leads to. Whoever is erased or gone by then is nobody in particular."""

from typing import NamedTuple

from chalicelib.languages import translation
from chalicelib.rules.contracts import Contract
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.messages import Message
from chalicelib.rules.notifications import Kind, Notification
from chalicelib.rules.refusals import marked
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Session
from chalicelib.rules.waitlist import Entry
from chalicelib.tables.keys import joined


class About(NamedTuple):
    """The things that a notification names, as far as it names them and they are still there."""

    session: Session | None = None
    registration: Registration | None = None
    invitation: Invitation | None = None
    entry: Entry | None = None
    message: Message | None = None
    contract: Contract | None = None


SOMEBODY, SOMEBODY_ELSE = marked("Somebody"), marked("somebody else")
NO_SESSION = marked("a session that is gone")
SENTENCES: dict[Kind, str] = {
    "registered": marked("%(who)s registered for %(session)s."),
    "accepted": marked("%(who)s accepted the invitation to %(session)s."),
    "declined": marked("%(who)s declined the invitation to %(session)s."),
    "waiting_for_approval": marked("%(who)s asks to use the invitation of %(invited)s to %(session)s."),
    "waitlist_joined": marked("%(who)s joined the waitlist of %(session)s."),
    "sold_out": marked("Sold out: %(session)s."),
    "bounced": marked("%(who)s could not be reached: an e-mail bounced."),
}
DONE = {
    "import": marked("The import of customers is done."),
    "participants": marked("The import of participants of %(contract)s is done."),
    "codes": marked("The codes for %(contract)s are made."),
    "mailing": marked("The e-mail to the roster of %(session)s is on its way."),
    "portal_invitations": marked("The invitations to the portal are on their way."),
}
PARTLY = {
    "import": marked("The import of customers is done, but some rows failed."),
    "participants": marked("The import of participants of %(contract)s is done, but some rows failed."),
    "codes": marked("The codes for %(contract)s are made, but some failed."),
    "mailing": marked("The e-mail to the roster of %(session)s is on its way, but not to everybody."),
    "portal_invitations": marked("The invitations to the portal are on their way, but not to everybody."),
}
FAILED = {
    "import": marked("The import of customers broke off."),
    "participants": marked("The import of participants of %(contract)s broke off."),
    "codes": marked("Making codes for %(contract)s broke off."),
    "mailing": marked("The e-mail to the roster of %(session)s broke off."),
    "portal_invitations": marked("Inviting to the portal broke off."),
}


TABS: dict[Kind, str] = {"declined": "?tab=invitations", "waitlist_joined": "?tab=waitlist"}
"""Where on a session's page it is seen."""


def sentence(notification: Notification, about: About, locale: str) -> str:
    """Return it as a sentence."""
    say = translation(locale).gettext
    named = {
        "who": _who(about) or say(SOMEBODY),
        "invited": (about.invitation and about.invitation.email) or say(SOMEBODY_ELSE),
        "session": about.session.title if about.session else say(NO_SESSION),
        "contract": about.contract.name if about.contract else "",
    }
    return say(_pattern(notification)) % named


def path(notification: Notification, about: About) -> str:
    """Return the path of the page about it, empty when there is none any more."""
    root = f"/o/{notification.org}"
    if notification.about.get("job"):
        return f"{root}/jobs/{notification.about['job']}"
    if about.message:
        return f"{root}/messages/{about.message.id}"
    if about.registration:
        return f"{root}/registrations/{joined(about.registration.session, about.registration.id)}"
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
    return SENTENCES[notification.kind]


def _who(about: About) -> str:
    """Return the name of whoever it is about, or the address where there is no name."""
    if about.registration:
        return about.registration.name
    if about.entry:
        return about.entry.name
    if about.message:
        return about.message.to
    if about.invitation is None:
        return ""
    return about.invitation.claimant.name if about.invitation.claimant else about.invitation.email
