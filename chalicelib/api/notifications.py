"""Notifications to staff about events that others caused, with a read mark for each member."""

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.operations import links, notifications
from chalicelib.operations.notifications import NotificationView
from chalicelib.rules.inputs.notifications import MarkReadInput
from chalicelib.rules.notifications import NotificationKind
from chalicelib.rules.organisations import StaffMember
from chalicelib.rules.refs import public_id
from chalicelib.web.audience import Staff
from chalicelib.web.locale import locale_of
from chalicelib.web.refusals import NotSignedIn

NOTIFICATIONS = "/v1/orgs/{org}/notifications"


class NotificationOut(Out):
    id: str
    kind: NotificationKind
    at: Moment
    read: bool
    """Whether you have marked it as read."""
    text: str
    """A sentence, in the requested language."""
    link: str | None
    """The page about it; empty if its subject was deleted."""
    session: str | None
    registration: str | None
    invitation: str | None
    entry: str | None
    """The waitlist entry."""
    message: str | None
    job: str | None

    @classmethod
    def of(cls, view: NotificationView) -> "NotificationOut":
        notification, about = view.notification, view.notification.about
        return cls(
            id=notification.id,
            kind=notification.kind,
            at=notification.at,
            read=view.read,
            text=view.text,
            link=links.url(view.path) if view.path else None,
            session=about.get("session"),
            registration=public_id(about["session"], about["registration"]) if "registration" in about else None,
            invitation=public_id(about["session"], about["invitation"]) if "invitation" in about else None,
            entry=public_id(about["session"], about["entry"]) if "entry" in about else None,
            message=about.get("message"),
            job=about.get("job"),
        )


class NotificationsOut(Out):
    items: list[NotificationOut]
    next: str | None
    unread: int
    """The number of unread notifications, at most 100: 100 means 100 or more."""


class UnreadCountOut(Out):
    unread: int
    """The number still unread, at most 100: 100 means 100 or more."""


@endpoint("GET", NOTIFICATIONS, id="notifications.list_notifications", who=Staff("read"), gives={200: NotificationsOut}, query=lists.QUERY)
def list_notifications(request: Request[None]) -> ApiResponse:
    """List the notifications of the last 90 days, latest first, with your read marks."""
    paging, me, now = lists.list_query(request.call), _me(request.member), request.call.now
    page = notifications.list_notifications(me, locale=locale_of(request.call), limit=paging.limit, start=paging.start, now=now)
    body = NotificationsOut(
        items=[NotificationOut.of(view) for view in page.items],
        next=lists.cursor(request.call, page.next),
        unread=notifications.count_unread(me, now=now),
    )
    return ApiResponse(200, body)


@endpoint(
    "POST",
    NOTIFICATIONS + "/read",
    id="notifications.read_notifications",
    who=Staff("read", people_only=True),
    takes=MarkReadInput,
    gives={200: UnreadCountOut},
)
def read_notifications(request: Request[MarkReadInput]) -> ApiResponse:
    """Mark some or all notifications as read, for yourself only; unknown and outdated ids are ignored."""
    me, now = _me(request.member), request.call.now
    after = notifications.read_some(me, request.body.ids) if request.body.ids else notifications.read_all(me, now=now)
    return ApiResponse(200, UnreadCountOut(unread=notifications.count_unread(after, now=now)))


def _me(member: StaffMember | None) -> StaffMember:
    if member is None:
        raise NotSignedIn
    return member
