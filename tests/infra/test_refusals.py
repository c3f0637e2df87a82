"""Every refusal of an operator's command says what to do, and a wrong stage is refused before anything else is said or done."""

from subprocess import CalledProcessError
from typing import Any

import boto3
import pytest
from botocore import exceptions as aws

from infra import commands, refusals
from infra.__main__ import main
from infra.commands import organisation

WRONG = ("Prod", "prod_1", "1prod", "p" * 22, "", "../prod")
OTHERS = {"restore": ["--to", "2026-11-24T16:00:00Z"], "send-test": ["--to", "ana@example.org"], "costs": None}
OF_ORGANISATION: dict[str, list[str]] = {
    "create": ["--id", "a", "--name", "A", "--owner-email", "a@example.org"],
    "import": ["--from", "a.zip"],
    "list": [],
    "owner": ["--id", "a", "--email", "a@example.org"],
    "reputation": [],
    "support": ["--id", "a", "--email", "a@example.org"],
}
COMMANDS = [
    *([name, *more] for name, _ in commands.every() if name != "organisation" and (more := OTHERS.get(name, [])) is not None),
    *(["organisation", name, *OF_ORGANISATION.get(name, ["--id", "a"])] for name, _ in organisation.every()),
]


@pytest.fixture
def no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("AWS is asked")

    monkeypatch.setattr(boto3, "client", refuse)


@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_stage_is_one_sentence_and_the_first(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for name in WRONG:
        assert main([*command, "--stage", name]) == 1
        seen = capsys.readouterr()
        assert (seen.out, seen.err) == (
            "",
            f"{name!r} cannot be a stage: use up to 21 small letters, digits and hyphens, such as prod.\n",
        )


@pytest.mark.usefixtures("no_aws")
@pytest.mark.parametrize("option", ["--plan", "--yes"])
def test_a_deployment_of_a_wrong_stage_does_not_begin(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["deploy", option, "--stage", "Prod"]) == 1
    assert capsys.readouterr().out == ""


def _error(code: str, said: str = "no") -> aws.ClientError:
    return aws.ClientError({"Error": {"Code": code, "Message": said}}, "DescribeTable")


@pytest.mark.parametrize(
    ("fault", "next_step"),
    [
        (aws.NoRegionError(), "export AWS_DEFAULT_REGION=eu-central-1"),
        (aws.NoCredentialsError(), "export AWS_PROFILE=…"),
        (aws.ProfileNotFound(profile="studio"), "export AWS_PROFILE=…"),
        (aws.TokenRetrievalError(provider="sso", error_msg="expired"), "aws sso login"),
        (aws.EndpointConnectionError(endpoint_url="https://dynamodb"), "then run the command again"),
        (aws.ConnectTimeoutError(endpoint_url="https://dynamodb"), "then run the command again"),
        (aws.ParamValidationError(report="Sender is empty"), refusals.AGAIN),
        (_error("ExpiredTokenException"), "Sign in again"),
        (_error("UnrecognizedClientException"), "Sign in again"),
        (_error("AccessDeniedException", "not authorized to perform: dynamodb:Scan"), "“Permissions of an operator”"),
        (_error("LimitExceededException"), refusals.AGAIN),
        (CalledProcessError(1, ["pip", "download"]), refusals.AGAIN),
        (FileNotFoundError(2, "No such file or directory", "there/a.zip"), refusals.AGAIN),
    ],
    ids=lambda case: type(case).__name__ if isinstance(case, Exception) else "",
)
def test_what_aws_or_this_computer_refuses_has_a_next_step(
    fault: refusals.Fault, next_step: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_arguments: Any) -> int:
        raise fault

    monkeypatch.setattr("infra.commands.check.run", fail)
    assert main(["check", "--stage", "test"]) == 1
    assert next_step in capsys.readouterr().err


def test_a_fault_of_ours_is_not_taken_for_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_arguments: Any) -> int:
        raise KeyError("missing")

    monkeypatch.setattr("infra.commands.check.run", fail)
    with pytest.raises(KeyError):
        main(["check", "--stage", "test"])


@pytest.mark.parametrize("price", ["metrics", "metrics=", "metrics=much", "metrics=-1", "metrics=nan", "metric=1"])
def test_a_price_that_is_none_is_refused(price: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["costs", "--price", price])
    assert "such as metrics=0.25" in capsys.readouterr().err
