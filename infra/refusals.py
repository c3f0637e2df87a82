"""What an operator reads when a command is refused: what is wrong, and what to do."""

from subprocess import CalledProcessError

from botocore import exceptions as aws

from chalicelib.rules.refusals import Refusal
from infra.deployment.stage import DeployingError

Fault = DeployingError | Refusal | aws.ClientError | aws.BotoCoreError | CalledProcessError | OSError
KINDS = (DeployingError, Refusal, aws.ClientError, aws.BotoCoreError, CalledProcessError, OSError)
WITHOUT_ACCOUNT = (aws.NoCredentialsError, aws.PartialCredentialsError, aws.CredentialRetrievalError, aws.ProfileNotFound)
SIGNED_OUT = (aws.SSOError, aws.TokenRetrievalError, aws.LoginError)
UNREACHABLE = (aws.ConnectionError, aws.HTTPClientError)
NOT_ACCEPTED = ("ExpiredToken", "InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure")
NOT_ALLOWED = ("AccessDenied", "UnauthorizedOperation", "NotAuthorized")
AGAIN = "Once that is mended, run the command again: what is done already stays."


def sentence_of(fault: Fault) -> str:
    """Return the fault in words, with the next step."""
    match fault:
        case DeployingError():
            return str(fault)
        case Refusal():
            return str(fault.sentence % fault.data())
        case aws.ClientError():
            return _of_answer(fault)
        case aws.BotoCoreError():
            return _of_request(fault)
        case CalledProcessError():
            return f"{_program(fault)} has failed; what it said is above. {AGAIN}"
        case _:
            return f"{f'{fault.filename}: ' if fault.filename else ''}{fault.strerror or fault}. {AGAIN}"


def _of_answer(fault: aws.ClientError) -> str:
    code, said = fault.response["Error"]["Code"], fault.response["Error"].get("Message", "")
    if code.startswith(NOT_ACCEPTED):
        return f"AWS does not accept your credentials ({code}). Sign in again, or choose others: export AWS_PROFILE=…"
    if code.startswith(NOT_ALLOWED):
        return f"Your credentials may not do this: {said}\n“Permissions of an operator” in docs/operations.md has what the commands need."
    return f"AWS refused {fault.operation_name}: {code}: {said}\n{AGAIN} “check” names what a stage lacks."


def _of_request(fault: aws.BotoCoreError) -> str:
    if isinstance(fault, aws.NoRegionError):
        return "Which region? Say it first, such as: export AWS_DEFAULT_REGION=eu-central-1"
    if isinstance(fault, WITHOUT_ACCOUNT):
        return f"Which account? {fault}. Choose one by export AWS_PROFILE=…, or enter its keys by aws configure."
    if isinstance(fault, SIGNED_OUT):
        return f"You are not signed in any more: {fault}. Sign in again: aws sso login"
    if isinstance(fault, UNREACHABLE):
        return f"AWS cannot be reached: {fault}\nLook at the network and at the region (AWS_DEFAULT_REGION), then run the command again."
    return f"{fault}\n{AGAIN}"


def _program(fault: CalledProcessError) -> str:
    return " ".join(map(str, fault.cmd[:4])) if isinstance(fault.cmd, list | tuple) else str(fault.cmd)
