"""Notifications: what happened without staff, for each of them to read."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.shapes import Moment
from chalicelib.operations import links, notifications
from chalicelib.operations.notifications import Told
from chalicelib.rules.drafts.notifications import ReadDraft
from chalicelib.rules.notifications import Kind
from chalicelib.rules.organisations import Member
from chalicelib.tables.keys import joined
from chalicelib.web.locale import locale_of
from chalicelib.web.refusals import NotSignedIn

NOTIFICATIONS = "/v1/orgs/{org}/notifications"


class NotificationOut(Out):
    id: str
    kind: Kind
    at: Moment
    read: bool
    """Whether you have marked it as read."""
    text: str
    """A sentence, in the language that you ask for."""
    link: str | None
    """The page about it; nothing when what it is about is gone."""
    session: str | None
    registration: str | None
    invitation: str | None
    entry: str | None
    """Of the waitlist."""
    message: str | None
    job: str | None

    @classmethod
    def of(cls, told: Told) -> "NotificationOut":
        notification, about = told.notification, told.notification.about
        return cls(
            id=notification.id,
            kind=notification.kind,
            at=notification.at,
            read=told.read,
            text=told.text,
            link=links.url(told.path) if told.path else None,
            session=about.get("session"),
            registration=joined(about["session"], about["registration"]) if "registration" in about else None,
            invitation=joined(about["session"], about["invitation"]) if "invitation" in about else None,
            entry=joined(about["session"], about["entry"]) if "entry" in about else None,
            message=about.get("message"),
            job=about.get("job"),
        )


class NotificationsOut(Out):
    items: list[NotificationOut]
    next: str | None
    unread: int
    """How many you have not read: 100 stands for that many or more."""


class UnreadOut(Out):
    unread: int
    """How many are left: 100 stands for that many or more."""


@endpoint("GET", NOTIFICATIONS, who=Staff("viewer"), gives={200: NotificationsOut}, query=lists.QUERY)
def list_notifications(request: Request[None]) -> Answer:
    """List what happened without staff in the last 90 days, latest first, with what you have read of it."""
    asked, me, now = lists.wanted(request.call), _me(request.member), request.call.now
    page = notifications.list_notifications(me, locale=locale_of(request.call), limit=asked.limit, start=asked.start, now=now)
    body = NotificationsOut(
        items=[NotificationOut.of(told) for told in page.items],
        next=lists.cursor(request.call, page.next),
        unread=notifications.count_unread(me, now=now),
    )
    return Answer(200, body)


@endpoint("POST", NOTIFICATIONS + "/read", who=Staff("viewer"), takes=ReadDraft, gives={200: UnreadOut})
def read_notifications(request: Request[ReadDraft]) -> Answer:
    """Mark some or all as read, for yourself alone. Ids of nothing, or of what is too old to be shown, change nothing."""
    me, now = _me(request.member), request.call.now
    after = notifications.read_some(me, request.body.ids) if request.body.ids else notifications.read_all(me, now=now)
    return Answer(200, UnreadOut(unread=notifications.count_unread(after, now=now)))


def _me(member: Member | None) -> Member:
    if member is None:
        raise NotSignedIn
    return member
