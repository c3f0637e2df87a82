"""The e-mails of the mailbox, read from requests of SES version 2."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from typing import Any


class NotAnEmailError(Exception):
    """SES would refuse this e-mail; the message says why."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in an e-mail."""

    name: str
    content_type: str
    content: str
    """Base64."""

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.content)


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail. Addresses in `to`, `cc` and `bcc` are bare; `sender` is as it was given."""

    id: str
    at: float
    sender: str
    to: list[str]
    cc: list[str]
    bcc: list[str]
    subject: str
    text: str
    html: str
    headers: dict[str, str]
    attachments: list[Attachment] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def recipients(self) -> list[str]:
        return [*self.to, *self.cc, *self.bcc]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def as_letter(stored: Mapping[str, Any]) -> Letter:
    return Letter(**{**stored, "attachments": [Attachment(**attachment) for attachment in stored["attachments"]]})


def letter(sent: Mapping[str, Any], *, id: str, at: float) -> Letter:
    """Return the e-mail in the body of a SendEmail request, or raise NotAnEmailError."""
    content = sent.get("Content") or {}
    try:
        if "Raw" in content:
            return _from_raw(sent, content["Raw"], id=id, at=at)
        if "Simple" in content:
            return _from_simple(sent, content["Simple"], id=id, at=at)
    except (AttributeError, KeyError, TypeError, binascii.Error) as error:
        raise NotAnEmailError(f"The request is malformed: {error}") from None
    raise NotAnEmailError("Content must have Simple or Raw: the mailbox knows no SES templates.")


def _from_simple(sent: Mapping[str, Any], simple: Mapping[str, Any], *, id: str, at: float) -> Letter:
    to, cc, bcc = _destination(sent)
    body = simple.get("Body") or {}
    if not sent.get("FromEmailAddress"):
        raise NotAnEmailError("FromEmailAddress is missing.")
    if not body.get("Text") and not body.get("Html"):
        raise NotAnEmailError("The body has neither Text nor Html.")
    subject = simple["Subject"]["Data"]
    return Letter(
        id=id,
        at=at,
        sender=sent["FromEmailAddress"],
        to=[_bare(address) for address in to],
        cc=[_bare(address) for address in cc],
        bcc=[_bare(address) for address in bcc],
        subject=subject,
        text=(body.get("Text") or {}).get("Data", ""),
        html=(body.get("Html") or {}).get("Data", ""),
        headers=_simple_headers(sent, simple, to=to, cc=cc, subject=subject),
        attachments=[_simple_attachment(attachment) for attachment in simple.get("Attachments") or []],
        tags=_tags(sent),
    )


def _destination(sent: Mapping[str, Any]) -> tuple[list[str], list[str], list[str]]:
    destination = sent.get("Destination") or {}
    to, cc, bcc = (list(destination.get(f"{kind}Addresses") or []) for kind in ("To", "Cc", "Bcc"))
    for address in (*to, *cc, *bcc):
        if "@" not in _bare(address):
            raise NotAnEmailError("Illegal address")
    if not (to or cc or bcc):
        raise NotAnEmailError("Destination has no address.")
    return to, cc, bcc


def _simple_headers(sent: Mapping[str, Any], simple: Mapping[str, Any], *, to: list[str], cc: list[str], subject: str) -> dict[str, str]:
    """Return the headers that SES would write, and those of the request."""
    headers = {"From": sent["FromEmailAddress"], "To": ", ".join(to), "Cc": ", ".join(cc)}
    headers |= {"Reply-To": ", ".join(sent.get("ReplyToAddresses") or []), "Subject": subject}
    requested = {header["Name"]: header["Value"] for header in simple.get("Headers") or []}
    for name, value in requested.items():
        if "\r" in name + value or "\n" in name + value:
            raise NotAnEmailError("A header has a line break.")
    return {name: value for name, value in headers.items() if value} | requested


def _simple_attachment(attachment: Mapping[str, Any]) -> Attachment:
    base64.b64decode(attachment["RawContent"], validate=True)
    return Attachment(attachment["FileName"], attachment.get("ContentType") or "application/octet-stream", attachment["RawContent"])


def _from_raw(sent: Mapping[str, Any], raw: Mapping[str, Any], *, id: str, at: float) -> Letter:
    message = message_from_bytes(base64.b64decode(raw["Data"], validate=True), policy=policy.default)
    assert isinstance(message, EmailMessage)
    destination = sent.get("Destination") or {}
    return Letter(
        id=id,
        at=at,
        sender=sent.get("FromEmailAddress") or str(message["From"] or ""),
        to=_named(destination.get("ToAddresses"), message, "To"),
        cc=_named(destination.get("CcAddresses"), message, "Cc"),
        bcc=_named(destination.get("BccAddresses"), message, "Bcc"),
        subject=str(message["Subject"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        headers={name: str(value) for name, value in message.items()},
        attachments=[_raw_attachment(part) for part in message.iter_attachments()],
        tags=_tags(sent),
    )


def _named(given: list[str] | None, message: EmailMessage, header: str) -> list[str]:
    """Return the bare addresses that the request names, else those in the header."""
    addresses = given or [str(message[header] or "")]
    return [address for _, address in getaddresses(addresses) if address]


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


def _raw_attachment(part: Any) -> Attachment:
    content = part.get_payload(decode=True) or b""
    return Attachment(part.get_filename() or "attachment", part.get_content_type(), base64.b64encode(content).decode())


def _tags(sent: Mapping[str, Any]) -> dict[str, str]:
    tags = {tag["Name"]: tag["Value"] for tag in sent.get("EmailTags") or []}
    return tags | ({"configuration-set": sent["ConfigurationSetName"]} if sent.get("ConfigurationSetName") else {})


def _bare(address: str) -> str:
    return parseaddr(address)[1]
