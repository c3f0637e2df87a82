"""Chalice uploads a function's package only where Lambda has another."""

from collections.abc import Callable, Sequence

import boto3
import pytest
from botocore.session import Session
from chalice.awsclient import TypedAWSClient

from infra import chalice

FUNCTION = "rollbook-test-on_jobs"
FIRST, SECOND = b"first", b"second"
X86, ARM = "x86_64", "arm64"
Update = Callable[..., Sequence[bytes]]


@pytest.fixture
def update(tables: None, monkeypatch: pytest.MonkeyPatch) -> Update:
    """Return a function that updates a function as Chalice does, and returns what was uploaded."""
    monkeypatch.setattr(TypedAWSClient, "_update_function_code", TypedAWSClient._update_function_code)
    chalice.be_sparing()
    role = boto3.client("iam").create_role(RoleName=FUNCTION, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    boto3.client("lambda").create_function(
        FunctionName=FUNCTION, Runtime="python3.11", Role=role, Handler="app.on_jobs", Code={"ZipFile": FIRST}, Architectures=[X86]
    )
    session, uploaded = Session(), list[bytes]()
    session.register("provide-client-params.lambda.UpdateFunctionCode", lambda **given: uploaded.append(given["params"]["ZipFile"]))

    def updated(package: bytes, architecture: str | None = X86) -> Sequence[bytes]:
        uploaded.clear()
        told = TypedAWSClient(session).update_function(FUNCTION, package, {"MARK": package.decode()}, architecture=architecture)
        assert told["FunctionArn"].endswith(FUNCTION)
        return [*uploaded]

    return updated


def test_the_package_that_is_there_is_not_uploaded_again(update: Update) -> None:
    assert update(FIRST) == []
    assert update(FIRST, architecture=None) == []
    there = boto3.client("lambda").get_function_configuration(FunctionName=FUNCTION)
    assert there["Environment"]["Variables"] == {"MARK": "first"}, "the settings are taken all the same"


def test_another_package_or_one_for_other_machines_is_uploaded(update: Update) -> None:
    assert update(SECOND) == [SECOND]
    assert update(SECOND) == []
    assert update(FIRST) == [FIRST]
    assert update(FIRST, architecture=ARM) == [FIRST]
