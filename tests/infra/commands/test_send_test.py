"""A test e-mail is sent like any other, and the operator is told the next step for every answer of SES."""

from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from chalicelib import clients
from chalicelib.config import config
from infra.__main__ import main
from tests.operations.simulated_aws import Ses

NOT_VERIFIED = "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: {}"


class Account(Ses):
    """SES with an account that may be in the sandbox."""

    sandbox = False

    def get_account(self) -> dict[str, Any]:
        return {"ProductionAccessEnabled": not self.sandbox}


@pytest.fixture
def account(staged: None, monkeypatch: pytest.MonkeyPatch) -> Account:
    made = Account()
    monkeypatch.setattr(clients, "ses", cache(lambda: made))
    monkeypatch.setenv("ROLLBOOK_CONFIGURATION_SET", "rollbook-test")
    monkeypatch.setattr(clients, "forget", lambda: None)
    config.cache_clear()
    return made


def send(to: str = "me@example.org") -> int:
    return main(["send-test", "--stage", "test", "--to", to])


def test_it_is_sent_with_the_sender_and_configuration_set_of_the_stage(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    assert send() == 0
    (request,) = account.sent
    assert request["FromEmailAddress"] == "Rollbook <rollbook@local.test>"
    assert request["ConfigurationSetName"] == "rollbook-test"
    said = capsys.readouterr().out
    assert "SES took it: ses-1." in said
    assert "sandbox" not in said


def test_a_success_in_the_sandbox_says_so(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.sandbox = True
    assert send() == 0
    assert "sandbox" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "text", "step"),
    [
        ("MessageRejected", NOT_VERIFIED.format("me@example.org"), "create-email-identity --email-identity me@example.org"),
        ("MessageRejected", NOT_VERIFIED.format("rollbook@local.test"), "rollbook@local.test may not send yet"),
        ("NotFoundException", "Configuration set <rollbook-test> does not exist.", "python -m infra stack --stage test"),
        ("AccessDeniedException", "User is not authorized", "ses:SendEmail"),
        ("SendingPausedException", "Sending is paused", "support centre"),
        ("LimitExceededException", "Daily message quota exceeded", "aws sesv2 get-account"),
        ("InternalFailure", "", "documentation of SendEmail"),
    ],
)
def test_a_refusal_comes_with_the_next_step(account: Account, capsys: pytest.CaptureFixture[str], code: str, text: str, step: str) -> None:
    def refuse() -> None:
        raise ClientError({"Error": {"Code": code, "Message": text}}, "SendEmail")

    account.before = refuse
    assert send() == 1
    said = capsys.readouterr().out
    assert f"SES refused: {code}" in said
    assert step in said


def test_an_unreachable_ses_and_an_invalid_address(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    def unreachable() -> None:
        raise EndpointConnectionError(endpoint_url="https://email.example")

    assert send("nobody") == 1
    assert "Check --to" in capsys.readouterr().out
    account.before = unreachable
    assert send() == 1
    assert "could not be reached" in capsys.readouterr().out
