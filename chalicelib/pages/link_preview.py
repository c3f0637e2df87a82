"""What other programs show of a public page: title, description and picture of a shared link, and the events for search engines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from chalicelib.operations import links
from chalicelib.operations.sessions import SessionView
from chalicelib.rules import times
from chalicelib.rules.money import Money, decimal
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.pictures import LOGO
from chalicelib.rules.sessions import Meeting, Session

MOST_CHARACTERS = 200
MOST_DATES = 60
CONTEXT = "https://schema.org"
AVAILABILITY = {"open": "InStock", "full": "SoldOut", "upcoming": "PreOrder"}


class LinkPreview(NamedTuple):
    """How a public page presents itself."""

    address: str
    """Its one address for search engines, without a query."""
    description: str
    data: dict[str, Any]
    """schema.org data as JSON-LD."""
    picture: str
    """The address of its picture; empty without one."""


def of_list(organisation: Organisation, views: Sequence[SessionView]) -> LinkPreview:
    """Return the preview of the list of open sessions."""
    address = links.sessions_page(organisation.org)
    titles = ", ".join(dict.fromkeys(view.session.title for view in views))
    items = [{"@type": "ListItem", "position": index, "url": _url(view.session)} for index, view in enumerate(views, start=1)]
    data = {"@context": CONTEXT, "@type": "ItemList", "itemListElement": items}
    return LinkPreview(address, _shortened(titles), data, _picture(organisation))


def of_session(organisation: Organisation, view: SessionView, now: datetime) -> LinkPreview:
    """Return the preview of a session: an event, with an event for each of several dates."""
    session = view.session
    data = {"@context": CONTEXT, **_event(session, session.active_meetings[0]), "organizer": _organizer(organisation)}
    data["endDate"] = _local(session.ends_at, session)
    coming = [meeting for meeting in session.active_meetings if meeting.ends_at > now][:MOST_DATES]
    if len(session.active_meetings) > 1:
        data["subEvent"] = [_event(session, meeting) for meeting in coming]
    if session.description:
        data["description"] = session.description
    if view.state in AVAILABILITY:
        data["offers"] = [_offer(session, tier.name, tier.price, view.state) for tier in session.tiers]
    if picture := _picture(organisation, session):
        data["image"] = picture
    return LinkPreview(_url(session), _shortened(session.description), data, picture)


def _event(session: Session, meeting: Meeting) -> dict[str, Any]:
    status = "EventCancelled" if session.cancelled_at or meeting.cancelled_at else "EventScheduled"
    where = {"location": {"@type": "Place", "name": session.location, "address": session.location}} if session.location else {}
    return {
        "@type": "Event",
        "name": session.title,
        "url": _url(session),
        "startDate": _local(meeting.starts_at, session),
        "endDate": _local(meeting.ends_at, session),
        "eventStatus": f"{CONTEXT}/{status}",
        **where,
    }


def _offer(session: Session, name: str, price: Money, state: str) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "name": name,
        "price": decimal(price),
        "priceCurrency": price.currency,
        "url": _url(session),
        "availability": f"{CONTEXT}/{AVAILABILITY[state]}",
        "validFrom": _local(session.registration_opens_at, session),
        "validThrough": _local(session.registration_closes_at, session),
    }


def _organizer(organisation: Organisation) -> dict[str, str]:
    return {"@type": "Organization", "name": organisation.name, "url": links.sessions_page(organisation.org)}


def _picture(organisation: Organisation, session: Session | None = None) -> str:
    """Return the address of a session's picture, or else of the logo; empty without both."""
    if session and session.picture:
        return links.picture_link(organisation.org, session.id, session.picture)
    return links.picture_link(organisation.org, LOGO, organisation.logo) if organisation.logo else ""


def _url(session: Session) -> str:
    return links.session_page(session.org, session.id)


def _local(moment: datetime, session: Session) -> str:
    return times.local(moment, session.time_zone).isoformat()


def _shortened(text: str) -> str:
    """Return a text as one line of at most two hundred characters, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS].rpartition(' ')[0]} …"
