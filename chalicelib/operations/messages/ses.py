"""Sends an e-mail through SES, and reads how many the account may send."""

from email.header import Header
from email.utils import formataddr
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules.addresses import in_ascii
from chalicelib.rules.messages import Mail, MailDelayed, MailPaused, MailRefused, MailThrottled

REJECTED = {"MessageRejected", "BadRequestException"}
"""Errors of SES that reject this e-mail for good. Others may pass, or an operator can fix their cause."""
NOT_VERIFIED = "not verified"
"""In the text of MessageRejected: the sender's domain or, in the sandbox, the recipient is not verified yet. An operator mends that."""
THROTTLED = {"TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling"}
OF_THE_DAY = "quota"
"""In the text of a throttled request when the day's quota is used up: "Daily message quota exceeded"."""
NO_SET = {"NotFoundException", "ConfigurationSetDoesNotExistException", "ConfigurationSetDoesNotExist"}
OF_A_SET = "onfiguration set"
"""In the text of BadRequestException, too, it means that the configuration set is gone. An operator mends that."""
PAUSED = {"SendingPausedException", "AccountSuspendedException"}


def post(mail: Mail) -> str:
    """Send the e-mail and return its SES message id. Raises MailRefused if it cannot be sent, MailDelayed if a retry may help."""
    request = request_for(mail)
    try:
        return _send_by_set(request)
    except ClientError as fault:
        raise _refusal(fault) from fault
    except BotoCoreError as fault:
        raise MailDelayed(type(fault).__name__) from fault


@cache
def max_send_rate() -> float:
    """Return how many e-mails the account may send in a second. Read once for each process. Raises ClientError or BotoCoreError."""
    return float(clients.ses().get_account()["SendQuota"]["MaxSendRate"])


def _send_by_set(request: dict[str, Any]) -> str:
    """Send, by the stage's configuration set if the organisation's own is gone."""
    try:
        return _send(request)
    except ClientError as fault:
        if not _is_set_gone(fault) or request.get("ConfigurationSetName", "") == config().configuration_set:
            raise
    return _send({**request, "ConfigurationSetName": config().configuration_set})


def _is_set_gone(fault: ClientError) -> bool:
    """Whether SES does not know the configuration set. Its code for this is not documented."""
    code, text = fault.response["Error"]["Code"], fault.response["Error"].get("Message", "")
    return code in NO_SET or (code in REJECTED and OF_A_SET in text)


def _send(request: dict[str, Any]) -> str:
    """Send, and once more when the connection was closed: that of an earlier invocation may have ended meanwhile."""
    try:
        return clients.ses().send_email(**request)["MessageId"]
    except ConnectionClosedError:
        return clients.ses().send_email(**request)["MessageId"]


def _refusal(fault: ClientError) -> MailRefused | MailDelayed:
    code, text = fault.response["Error"]["Code"], fault.response["Error"].get("Message", "")
    if code in REJECTED and NOT_VERIFIED not in text and not _is_set_gone(fault):
        return MailRefused("refused_by_ses")
    if code in PAUSED or (code in THROTTLED and OF_THE_DAY in text):
        return MailPaused(code)
    return MailThrottled(code) if code in THROTTLED else MailDelayed(code)


def request_for(mail: Mail) -> dict[str, Any]:
    """Return the arguments of SendEmail. Raises MailRefused for an invalid address or control characters in a header."""
    request: dict[str, Any] = {
        "FromEmailAddress": _sender(mail.sender_name),
        "Destination": {"ToAddresses": [_address(mail.to)]},
        "Content": {"Simple": _simple(mail)},
        "EmailTags": [{"Name": name, "Value": value} for name, value in mail.tags.items()],
    }
    if mail.reply_to:
        request["ReplyToAddresses"] = [_address(mail.reply_to)]
    if config().configuration_set:
        request["ConfigurationSetName"] = mail.configuration_set or config().configuration_set
    return request


def _simple(mail: Mail) -> dict[str, Any]:
    simple: dict[str, Any] = {
        "Subject": _utf8(_header(mail.content.subject)),
        "Body": {"Text": _utf8(mail.content.text), "Html": _utf8(mail.content.html)},
    }
    if mail.headers:
        simple["Headers"] = [{"Name": name, "Value": _header(value)} for name, value in mail.headers.items()]
    if mail.files:
        simple["Attachments"] = [
            {"FileName": file.name, "ContentType": file.kind, "ContentDisposition": "ATTACHMENT", "RawContent": file.content}
            for file in mail.files
        ]
    return simple


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _sender(name: str) -> str:
    shown = _header(name)
    if shown.isascii():
        return formataddr((shown, config().sender))
    return f"{Header(shown, 'utf-8', maxlinelen=75, header_name='From').encode(linesep='')} <{config().sender}>"


def _address(typed: str) -> str:
    """Return the address with an international domain in ASCII, as SES requires. Raises MailRefused."""
    checked = _header(typed)
    try:
        plain = in_ascii(checked)
    except ValueError as fault:
        raise MailRefused("not_an_address") from fault
    if plain is None:
        raise MailRefused("address_not_ascii")
    return typed if typed.isascii() else plain


def _header(value: str) -> str:
    """Return the value. Raises MailRefused for control characters: a line break could inject a header."""
    if any(character < " " or character in "\x7f\x85\u2028\u2029" for character in value):
        raise MailRefused("control_characters_in_header")
    return value
