"""Whether a stage may send e-mail, as `check` reports it."""

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.__main__ import main
from infra.deployment import check


def test_a_sender_that_is_not_verified_fails_the_check_and_the_sandbox_does_not(
    deployed: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check, "_protection", lambda _stage, _table: (True, True, True))
    monkeypatch.setattr(check, "_answer", lambda _url, probe: probe.statuses[0])
    for verified in (True, False):
        monkeypatch.setattr(check, "_sending", lambda _sender, verified=verified: {"verified": verified, "production": False})
        assert main(["check", "--stage", "test"]) == (0 if verified else 1)
    said = capsys.readouterr().out
    assert said.count("note   SES is in its sandbox") == 2
    assert said.count("WRONG  SES has not verified rollbook@example.org or its domain") == 1
    assert "enter the domain's DKIM records" in said


@pytest.mark.parametrize(
    ("known", "verified"),
    [
        ({"bookings@mail.example.org": True}, True),
        ({"mail.example.org": True}, True),
        ({"bookings@mail.example.org": False, "example.org": True}, True),
        ({"mail.example.org": False}, False),
        ({}, False),
    ],
)
def test_a_sender_is_verified_by_its_address_its_domain_or_one_above(
    known: dict[str, bool], verified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boto3, "client", lambda _service: Identities(known))
    assert check._sending("bookings@mail.example.org") == {"verified": verified, "production": True}
    assert not check._sending("")["verified"]


def test_who_may_not_ask_ses_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3, "client", lambda _service: Identities({}, code="AccessDeniedException"))
    with pytest.raises(ClientError):
        check._sending("bookings@example.org")


class Identities:
    """SES with these identities, and whether it has verified them."""

    def __init__(self, known: dict[str, bool], *, code: str = "NotFoundException") -> None:
        self._known, self._code = known, code

    def get_email_identity(self, *, EmailIdentity: str) -> dict[str, bool]:  # noqa: N803 - as boto3 has it
        if EmailIdentity not in self._known:
            raise ClientError({"Error": {"Code": self._code, "Message": ""}}, "GetEmailIdentity")
        return {"VerifiedForSendingStatus": self._known[EmailIdentity]}

    def get_account(self) -> dict[str, bool]:
        return {"ProductionAccessEnabled": True}
