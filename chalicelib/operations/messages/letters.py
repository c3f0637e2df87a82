"""What an e-mail is written from, gathered at the moment of sending; or why it makes no sense any more.

Messages name things; links are derived here, so that no row keeps what opens an account. What `data` holds, by kind:
    session_invitation                    session, invitation
    confirmation                          session, registration
    invoice                               session, registration, invoice (its number)
    session_moved, session_cancelled      session, and registration, invitation or entry; moved: before {meetings, time_zone, location}
    roster_message                        session, registrations (of one address), job
    staff_invitation                      user, link_version
    password_reset                        user, nonce
    address_confirmation                  joining
    invitation_reminder, waitlist_offer   session, invitation
    waitlist_joined                       session, entry
    portal_invitation                     customer, link_version, job
    portal_reminder                       customer, link_version
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.operations import links
from chalicelib.rules import times
from chalicelib.rules.invitations import Invitation, status
from chalicelib.rules.messages import Before, Kind, Letter, Message, Unsubscribing, Waiting, Withheld, Wording, Written
from chalicelib.rules.refusals import NotFound
from chalicelib.rules.registrations import Registration
from chalicelib.rules.sessions import Meeting
from chalicelib.rules.templates import NAMES
from chalicelib.rules.waitlist import in_order
from chalicelib.tables import customers, invoices, jobs, keys, ledger, members, organisations, registrations, rosters, templates, waitlist

LIVE = {"pending", "waiting_for_approval"}


def letter(message: Message, *, now: datetime) -> Letter | Withheld:
    """Return what to write, or why to write nothing."""
    try:
        gathered = GATHERED[message.kind](message, now)
    except NotFound:
        return Withheld("skipped", "gone")
    return _worded(gathered) if isinstance(gathered, Letter) else gathered


def _worded(usual: Letter) -> Letter:
    """Return the letter in the organisation's own words, where it has some and staff chose none for this sending.

    What takes an invoice back is no invoice, and ours.
    """
    if usual.wording or usual.kind not in NAMES or (usual.invoice and usual.invoice.credits):
        return usual
    return replace(usual, wording=templates.wording(usual.organisation.org, usual.kind, usual.locale))


def _about_a_session(message: Message, now: datetime) -> Letter | Withheld:
    data = message.data
    desk = rosters.desk(message.org, message.session, invitation=data.get("invitation", ""))
    registration = registrations.get(message.org, message.session, data["registration"]) if "registration" in data else None
    waiting = _waiting(message, data["entry"]) if "entry" in data else None
    outdated = _outdated(message.kind, desk, registration or waiting, now)
    if outdated:
        return Withheld("skipped", outdated)
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=desk.organisation,
        link=_link(message, desk.invitation),
        session=desk.session,
        invitation=desk.invitation,
        registration=registration,
        waiting=waiting or _offered(desk.invitation),
        before=_before(data["before"]) if "before" in data else None,
        **_unsubscribing(message),
    )


def _waiting(message: Message, own: str) -> Waiting:
    entry = waitlist.get(message.org, message.session, own)
    ahead = [other.id for other in in_order(waitlist.list_entries(message.org, message.session))]
    return Waiting(entry, ahead.index(own) + 1 if own in ahead else 0)


def _offered(invitation: Invitation | None) -> Waiting | None:
    """Return the entry of the waitlist that the invitation is an offer to."""
    entry = waitlist.find(invitation.org, invitation.session, invitation.entry) if invitation and invitation.entry else None
    return Waiting(entry, 0) if entry else None


def _outdated(kind: Kind, desk: rosters.Desk, about: Registration | Waiting | None, now: datetime) -> str:
    """Return why people need not hear this any more; empty when they do."""
    if about is None and desk.invitation is None:
        raise NotFound
    if isinstance(about, Registration) and about.removed_at:
        return "registration_removed"
    if isinstance(about, Waiting) and about.entry.status in {"left", "removed"}:
        return "left_the_waitlist"
    if kind == "session_cancelled":
        return ""
    if desk.session.cancelled_at:
        return "session_cancelled"
    if desk.invitation:
        now_it_is = _status(desk.invitation, desk, now)
        return "" if now_it_is in LIVE else f"invitation_{now_it_is}"
    return ""


def _status(invitation: Invitation, desk: rosters.Desk, now: datetime) -> str:
    hold = desk.first_chunk.holds.get(invitation.id)
    if hold is None and desk.session.chunks > 1:
        found = ledger.locate(invitation.org, invitation.session, invitation.id, chunk=invitation.chunk)
        hold = found[1] if found else None
    return status(invitation, hold, now) or "never_held"


def _link(message: Message, invitation: Invitation | None) -> str:
    if message.kind == "session_cancelled":
        return links.sessions_page(message.org)
    if invitation:
        return links.invitation_link(invitation)
    if "entry" in message.data:
        return links.waitlist_link(message.org, message.session, message.data["entry"])
    return links.registered_link(message.org, keys.joined(message.session, message.data["registration"]))


def _before(kept: Mapping[str, Any]) -> Before:
    meetings = tuple(Meeting(m["id"], times.read(m["from"]), times.read(m["to"])) for m in kept["meetings"])
    return Before(meetings, kept["time_zone"], kept["location"])


def _unsubscribing(message: Message) -> dict[str, Any]:
    if not message.unsubscribable:
        return {}
    token = links.unsubscribe_token(message.org, message.to)
    page, call = links.unsubscribe_link(message.org, message.to), links.unsubscribe_call(message.org, message.to)
    return {"unsubscribing": Unsubscribing(page, call, token), "secrets": (token,)}


def _roster_message(message: Message, _now: datetime) -> Letter | Withheld:
    """What staff wrote reaches whoever is on the roster, of a session that is over or cancelled too."""
    desk, job = rosters.desk(message.org, message.session), jobs.get(message.org, message.data["job"])
    entries = (registrations.find(message.org, message.session, own) for own in message.data["registrations"])
    registration = next((entry for entry in entries if entry and not entry.removed_at), None)
    if registration is None:
        return Withheld("skipped", "registration_removed")
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=desk.organisation,
        link=links.registered_link(message.org, keys.joined(message.session, registration.id)),
        session=desk.session,
        registration=registration,
        written=Written(job.data["subject"], job.data["text"]),
    )


def _invoice(message: Message, now: datetime) -> Letter | Withheld:
    invoice, registration = invoices.with_registration(message.org, message.data["invoice"])
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=links.invoice_link(message.org, invoice.number),
        registration=registration,
        invoice=invoice,
    )


def _staff_invitation(message: Message, now: datetime) -> Letter | Withheld:
    user, version = message.data["user"], message.data["link_version"]
    member = members.get(message.org, user)
    if member is None or member.status != "invited":
        return Withheld("skipped", "not_invited_any_more")
    if member.link_version != version:
        return Withheld("skipped", "link_replaced")
    return _about_an_account(message, links.staff_activation_link(message.org, user, version), member=member)


def _password_reset(message: Message, now: datetime) -> Letter | Withheld:
    return _about_an_account(message, links.password_reset_link(message.data["user"], message.data["nonce"]))


def _address_confirmation(message: Message, now: datetime) -> Letter | Withheld:
    return _about_an_account(message, links.confirmation_link(message.org, message.data["joining"]))


def _about_an_account(message: Message, link: str, **more: Any) -> Letter:
    return Letter(
        kind=message.kind,
        id=message.id,
        to=message.to,
        locale=message.locale,
        organisation=organisations.get(message.org),
        link=link,
        secrets=(link.rpartition("/")[2],),
        **more,
    )


def _portal_invitation(message: Message, _now: datetime) -> Letter | Withheld:
    """Whoever has accepted, or has been sent a newer link, needs this one no more."""
    customer, version = customers.get(message.org, message.data["customer"]), message.data["link_version"]
    if customer.status == "accepted":
        return Withheld("skipped", "already_accepted")
    if version < customer.link_version:
        return Withheld("skipped", "link_replaced")
    asking = _about_an_account(
        message, links.portal_activation_link(message.org, customer.id, version, email=message.to), customer=customer
    )
    unsubscribing = _unsubscribing(message)
    secrets = (*asking.secrets, *unsubscribing.pop("secrets"))
    return replace(asking, secrets=secrets, wording=_for_this_sending(message), **unsubscribing)


def _for_this_sending(message: Message) -> Wording | None:
    """Return the words that staff chose for the sending that a message belongs to; None for the usual ones."""
    chosen = jobs.get(message.org, message.data["job"]).data["wording"] if "job" in message.data else None
    return Wording(**chosen) if chosen else None


GATHERED: dict[Kind, Callable[[Message, datetime], Letter | Withheld]] = {
    "session_invitation": _about_a_session,
    "confirmation": _about_a_session,
    "invoice": _invoice,
    "session_moved": _about_a_session,
    "session_cancelled": _about_a_session,
    "roster_message": _roster_message,
    "staff_invitation": _staff_invitation,
    "password_reset": _password_reset,
    "address_confirmation": _address_confirmation,
    "invitation_reminder": _about_a_session,
    "waitlist_joined": _about_a_session,
    "waitlist_offer": _about_a_session,
    "portal_invitation": _portal_invitation,
    "portal_reminder": _portal_invitation,
}
