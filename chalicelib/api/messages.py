"""Messages: e-mails to a roster, and the delivery state of every e-mail."""

from typing import Any

from chalicelib.api import lists
from chalicelib.api.customers import CUSTOMER
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.jobs import JobStartedOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.sessions import SESSION
from chalicelib.api.shapes import Moment
from chalicelib.operations import messages
from chalicelib.rules.inputs.roster_messages import RosterMessageInput
from chalicelib.rules.messages import EmailKind, Message, MessageState
from chalicelib.rules.quotas import TooManyMails
from chalicelib.rules.refs import public_id
from chalicelib.rules.roster_messages import NobodyRegistered, UnknownRegistrations
from chalicelib.web.audience import Staff


class MessageOut(Out):
    id: str
    kind: EmailKind
    to: str
    subject: str | None
    """The subject as sent; none before that."""
    state: MessageState
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
    """A message with the exact text that was sent; links that open an account are blanked."""

    text: str | None
    html: str | None


class MessagesOut(Out):
    items: list[MessageOut]
    next: str | None


@endpoint(
    "POST",
    SESSION + "/messages",
    id="messages.mail_roster",
    who=Staff("send_messages", led=True),
    takes=RosterMessageInput,
    gives={202: JobStartedOut},
    refuses=(UnknownRegistrations, NobodyRegistered, TooManyMails),
)
def mail_roster(request: Request[RosterMessageInput]) -> ApiResponse:
    """E-mail everybody on the roster ("all") or the given registrations; each address gets one e-mail."""
    job = messages.mail_roster(request.org, request["session"], request.body, by=request.by, key=request.key, now=request.call.now)
    return ApiResponse(202, JobStartedOut(job=job))


@endpoint("GET", SESSION + "/messages", id="messages.list_session_messages", who=Staff("read"), gives={200: MessagesOut}, query=lists.QUERY)
def list_session_messages(request: Request[None]) -> ApiResponse:
    """List the e-mails about a session, latest first, with their delivery states."""
    paging = lists.list_query(request.call)
    return _listed(request, messages.list_session_messages(request.org, request["session"], limit=paging.limit, start=paging.start))


@endpoint(
    "GET", CUSTOMER + "/messages", id="messages.list_customer_messages", who=Staff("read"), gives={200: MessagesOut}, query=lists.QUERY
)
def list_customer_messages(request: Request[None]) -> ApiResponse:
    """List the e-mails to a customer, latest first, with their delivery states."""
    paging = lists.list_query(request.call)
    return _listed(request, messages.list_customer_messages(request.org, request["customer"], limit=paging.limit, start=paging.start))


@endpoint("GET", "/v1/orgs/{org}/messages/{message}", id="messages.read_message", who=Staff("read"), gives={200: MessageWithContentOut})
def read_message(request: Request[None]) -> ApiResponse:
    """Read the exact text of an e-mail; links that open an account are blanked."""
    message = messages.read_message(request.org, request["message"], by=request.staff)
    content = message.content
    body = MessageWithContentOut(**_facts(message), text=content.text if content else None, html=content.html if content else None)
    return ApiResponse(200, body)


def _listed(request: Request[None], page: messages.MessagePage) -> ApiResponse:
    body = MessagesOut(items=[MessageOut.of(message) for message in page.items], next=lists.cursor(request.call, page.next))
    return ApiResponse(200, body)


def _facts(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "kind": message.kind,
        "to": message.to,
        "subject": message.subject or None,
        "state": message.state,
        "reason": message.reason or None,
        "session": message.session or None,
        "registrations": [public_id(message.session, id) for id in message.registrations],
        "job": message.data.get("job"),
        "created_at": message.created_at,
        "sent_at": message.sent_at,
    }
