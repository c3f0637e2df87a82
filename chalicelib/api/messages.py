"""Messages: e-mails to a roster, and what became of every e-mail."""

from typing import Any

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.customers import CUSTOMER
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.jobs import BegunOut
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment
from chalicelib.operations import messages
from chalicelib.rules.drafts.mailings import Mailing
from chalicelib.rules.mailings import NobodyRegistered, UnknownRegistrations
from chalicelib.rules.messages import Kind, Message, State
from chalicelib.tables.keys import joined


class MessageOut(Out):
    id: str
    kind: Kind
    to: str
    subject: str | None
    """As it was sent; nothing before that."""
    state: State
    reason: str | None
    """Why it was not sent."""
    session: str | None
    registrations: list[str]
    job: str | None
    """The mailing that it belongs to."""
    created_at: Moment
    sent_at: Moment | None

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        return cls(**_facts(message))


class MessageWithContentOut(MessageOut):
    """A message with exactly what was sent; what would open an account is blanked."""

    text: str | None
    html: str | None


class MessagesOut(Out):
    items: list[MessageOut]
    next: str | None


@endpoint(
    "POST",
    SESSION + "/messages",
    who=Staff("manager"),
    takes=Mailing,
    gives={202: BegunOut},
    refuses=(UnknownRegistrations, NobodyRegistered),
)
def mail_roster(request: Request[Mailing]) -> Answer:
    """Write to everybody on the roster ("all"), or to the registrations named; each address gets one e-mail."""
    job = messages.mail_roster(request.org, request["session"], request.body, by=request.by, key=request.key, now=request.call.now)
    return Answer(202, BegunOut(job=job))


@endpoint("GET", SESSION + "/messages", who=Staff("viewer"), gives={200: MessagesOut}, query=lists.QUERY)
def list_session_messages(request: Request[None]) -> Answer:
    """List the e-mails about a session, latest first, with what became of each."""
    asked = lists.wanted(request.call)
    return _listed(request, messages.list_session_messages(request.org, request["session"], limit=asked.limit, start=asked.start))


@endpoint("GET", CUSTOMER + "/messages", who=Staff("viewer"), gives={200: MessagesOut}, query=lists.QUERY)
def list_customer_messages(request: Request[None]) -> Answer:
    """List the e-mails to a customer, latest first, with what became of each."""
    asked = lists.wanted(request.call)
    return _listed(request, messages.list_customer_messages(request.org, request["customer"], limit=asked.limit, start=asked.start))


@endpoint("GET", "/v1/orgs/{org}/messages/{message}", who=Staff("viewer"), gives={200: MessageWithContentOut})
def read_message(request: Request[None]) -> Answer:
    """Read exactly what was sent; what would open an account is blanked."""
    message = messages.read_message(request.org, request["message"])
    content = message.content
    body = MessageWithContentOut(**_facts(message), text=content.text if content else None, html=content.html if content else None)
    return Answer(200, body)


def _listed(request: Request[None], page: messages.MessagePage) -> Answer:
    body = MessagesOut(items=[MessageOut.of(message) for message in page.items], next=lists.cursor(request.call, page.next))
    return Answer(200, body)


def _facts(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "kind": message.kind,
        "to": message.to,
        "subject": message.subject or None,
        "state": message.state,
        "reason": message.reason or None,
        "session": message.session or None,
        "registrations": [joined(message.session, own) for own in message.registrations],
        "job": message.data.get("job"),
        "created_at": message.created_at,
        "sent_at": message.sent_at,
    }
