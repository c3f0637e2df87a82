"""A test e-mail through SES, with the next step when SES refuses it."""

from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.operations.messages.ses import NOT_VERIFIED, request_for
from chalicelib.rules.messages import Content, Mail, MailRefused
from infra.deployment.stage import Stage

SUBJECT = "Rollbook sends e-mail"
TEXT = "This is the e-mail that you asked Rollbook's command line for. If you can read it, the stage {stage} can send e-mail.\n"
SANDBOX = "The account is in SES's sandbox: it sends to verified addresses only, 200 a day. Next: “Sending e-mail” in docs/deployment.md."


class Posted(NamedTuple):
    """The answer: SES's id of the e-mail, or the reason for its refusal and the next step."""

    id: str
    said: str
    next: str


def post(ses: Any, to: str, *, stage: Stage, sender: str) -> Posted:
    """Send the test e-mail by the same request as every other one."""
    try:
        response = ses.send_email(**request_for(_mail(to, stage)))
    except MailRefused:
        return Posted("", f"{to} is not an address that e-mail can be sent to.", "Check --to.")
    except ClientError as fault:
        code, text = fault.response["Error"]["Code"], fault.response["Error"].get("Message", "")
        return Posted("", f"SES refused: {code}: {text}", advice(code, text, to=to, sender=sender, stage=stage))
    except BotoCoreError as fault:
        return Posted("", f"SES could not be reached: {fault}", "Check the region and the network: aws sesv2 get-account")
    return Posted(response["MessageId"], f"SES took it: {response['MessageId']}.", _after_a_yes(ses, to))


def advice(code: str, text: str, *, to: str, sender: str, stage: Stage) -> str:
    """Return the next step after a refusal of SES, whose text names unverified addresses."""
    if code == "MessageRejected" and NOT_VERIFIED in text:
        if to.lower() in text.lower():
            return f"{SANDBOX}\nUntil then: aws sesv2 create-email-identity --email-identity {to}, and follow the link that comes."
        return f"{sender} may not send yet: verify its domain, or this address. See “Sending e-mail” in docs/deployment.md."
    if code in {"NotFoundException", "ConfigurationSetDoesNotExistException"} or "onfiguration set" in text:
        return f"The stack makes the configuration set: python -m infra stack --stage {stage.name}"
    if code in {"AccessDeniedException", "AccessDenied"}:
        return "Your own credentials need ses:SendEmail; the functions have a right of their own."
    if code in {"SendingPausedException", "AccountSuspendedException"}:
        return "AWS has stopped this account's e-mail, for bounces or complaints as a rule: read the case in the AWS support centre."
    if code in {"TooManyRequestsException", "LimitExceededException", "ThrottlingException"}:
        return "The account's rate or daily quota is used up: aws sesv2 get-account shows both."
    return "Look the error up in the SES documentation of SendEmail."


def _after_a_yes(ses: Any, to: str) -> str:
    advice = f"Look into the mailbox of {to}, and into its spam folder."
    return f"{advice}\n{SANDBOX}" if _in_the_sandbox(ses) else advice


def _in_the_sandbox(ses: Any) -> bool:
    """Whether the account is known to be in the sandbox: an operator may lack the permission to ask."""
    try:
        return ses.get_account().get("ProductionAccessEnabled") is False
    except ClientError:
        return False


def _mail(to: str, stage: Stage) -> Mail:
    text = TEXT.format(stage=stage.name)
    return Mail(
        "Rollbook", to, reply_to="", content=Content(SUBJECT, text, f"<p>{text}</p>"), headers={}, files=(), tags={"stage": stage.name}
    )
