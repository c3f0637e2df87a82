"""The stand-in's SES refuses what AWS's refuses: unverified senders; configuration sets that are missing, taken, misnamed or too many."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from infra.local.simulator import DOMAIN
from infra.rehearsal.aws import ACCOUNT, REGION, Limits, running
from tests.infra.rehearsal.conftest import PACE, SETS, Cloud
from tests.live.stack import eventually

pytestmark = pytest.mark.live
BAD = "BadRequestException"
SENDER = "rollbook@example.org"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"


class Ses:
    """SES, asked at its pace."""

    def __init__(self, cloud: Cloud) -> None:
        self.client = cloud.aws.client("sesv2", config=Config(retries={"total_max_attempts": 1}))

    def refusal(self, operation: str, **parameters: Any) -> str:
        """Return the code of the error, empty for none."""
        time.sleep(PACE)
        try:
            getattr(self.client, operation)(**parameters)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def create(self, name: str) -> str:
        return self.refusal("create_configuration_set", ConfigurationSetName=name)

    def delete(self, name: str) -> str:
        return self.refusal("delete_configuration_set", ConfigurationSetName=name)

    def tell(self, name: str, *, types: tuple[str, ...] = ("BOUNCE",), bus: str = BUS) -> str:
        """Have events of a set told to a bus."""
        told = {"Enabled": True, "MatchingEventTypes": types, "EventBridgeDestination": {"EventBusArn": bus}}
        parameters = {"ConfigurationSetName": name, "EventDestinationName": "bus", "EventDestination": told}
        return self.refusal("create_configuration_set_event_destination", **parameters)

    def send(self, *, by: str = "", to: str = "ana@example.org", sender: str = SENDER) -> str:
        simple = {"Subject": {"Data": "A test"}, "Body": {"Text": {"Data": "of SES"}}}
        named = {"ConfigurationSetName": by} if by else {}
        parameters = {"FromEmailAddress": sender, "Destination": {"ToAddresses": [to]}, "Content": {"Simple": simple}}
        return self.refusal("send_email", **parameters, **named)


@pytest.fixture
def ses(cloud: Cloud) -> Ses:
    """SES of an account that has verified the sender's domain, and has no configuration set."""
    made = Ses(cloud)
    made.client.create_email_identity(EmailIdentity="example.org")
    for name in made.client.list_configuration_sets().get("ConfigurationSets", []):
        made.delete(name)
    time.sleep(PACE)
    return made


def test_only_a_verified_identity_sends(ses: Ses) -> None:
    assert (ses.send(), ses.send(sender="a@example.com")) == ("", "MessageRejected")
    ses.client.delete_email_identity(EmailIdentity="example.org")
    with pytest.raises(ClientError, match="Email address is not verified"):
        ses.client.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": ["a@example.org"]}, Content={"Raw": {"Data": b"x"}})


def test_a_set_that_is_missing_is_an_error_of_everything(ses: Ses) -> None:
    assert (ses.send(by="set"), ses.tell("set"), ses.delete("set")) == ("NotFoundException",) * 3
    assert ses.create("set") == ""
    assert (ses.send(by="set"), ses.delete("set"), ses.send(by="set")) == ("", "", "NotFoundException")


def test_a_set_is_made_once(ses: Ses) -> None:
    assert (ses.create("set"), ses.create("set")) == ("", "AlreadyExistsException")
    assert (ses.tell("set"), ses.tell("set")) == ("", "AlreadyExistsException")


@pytest.mark.parametrize(
    ("name", "refusal"), [("a" * 64, ""), ("a" * 65, "BadRequestException"), ("rollbook-prod_a.b", "BadRequestException")]
)
def test_names_of_sets(ses: Ses, name: str, refusal: str) -> None:
    assert ses.create(name) == refusal


def test_an_account_has_a_limit_of_sets(ses: Ses) -> None:
    assert [ses.create(f"set-{number}") for number in range(SETS + 1)] == [""] * SETS + ["LimitExceededException"]


def test_requests_about_sets_have_a_pace(ses: Ses) -> None:
    ses.create("set")

    def ask(_: int) -> str:
        try:
            ses.client.get_configuration_set(ConfigurationSetName="set")
        except ses.client.exceptions.TooManyRequestsException:
            return "refused"
        return "answered"

    with ThreadPoolExecutor(8) as executor:
        assert "refused" in set(executor.map(ask, range(16)))


def test_events_are_told_to_what_is_there(ses: Ses) -> None:
    ses.create("set")
    assert ses.tell("set", bus=BUS.replace("default", "other")) == BAD
    assert ses.tell("set") == ""


def test_a_set_whose_sending_is_paused_sends_nothing(ses: Ses) -> None:
    ses.create("set")
    parameters = {"ConfigurationSetName": "set", "SendingEnabled": False}
    assert ses.refusal("put_configuration_set_sending_options", **parameters) == ""
    assert (ses.send(by="set"), ses.send()) == ("SendingPausedException", "")


def test_only_events_that_a_set_tells_reach_the_bus(ses: Ses, cloud: Cloud, bus: Callable[[], list[str]]) -> None:
    """Without a set, by a set that tells of deliveries, and at last by one that tells of bounces too."""
    bounce = f"bounce@{DOMAIN}"
    ses.create("set")
    ses.tell("set", types=("DELIVERY",))
    assert (ses.send(to=bounce), ses.send(to=bounce, by="set"), ses.send(to=f"success@{DOMAIN}", by="set")) == ("", "", "")
    assert eventually(lambda: bus() or None) == ["Delivery"]


@pytest.fixture
def bus(cloud: Cloud) -> Callable[[], list[str]]:
    """Return the events of SES that have come to the bus so far, by kind."""
    url, arn = cloud.queue("events-of-ses")
    events = cloud.client("events")
    events.put_rule(Name="ses", EventPattern='{"source": ["aws.ses"]}')
    events.put_targets(Rule="ses", Targets=[{"Id": "1", "Arn": arn}])
    seen: list[str] = []

    def read() -> list[str]:
        if cloud.waiting(url):
            seen.append(cloud.received(url)["detail"]["eventType"])
        return seen

    return read


def test_a_new_account_waits_for_its_domain_and_leaves_the_sandbox(tmp_path: Path) -> None:
    with running(tmp_path, limits=Limits(verification=0.5, sandbox=True)) as aws:
        ses = Ses(Cloud(aws))
        ses.client.create_email_identity(EmailIdentity="example.org")
        assert ses.send() == "MessageRejected", "the first request finds the domain unverified"
        eventually(lambda: ses.client.get_email_identity(EmailIdentity="example.org")["VerifiedForSendingStatus"] or None, within=15)
        assert len(ses.client.get_email_identity(EmailIdentity="example.org")["DkimAttributes"]["Tokens"]) == 3
        assert (ses.send(), ses.send(to=f"bounce@{DOMAIN}"), ses.send(to="ana@example.com")) == ("", "", "MessageRejected")
        assert not ses.client.get_account()["ProductionAccessEnabled"]
        ses.client.put_account_details(
            ProductionAccessEnabled=True, MailType="TRANSACTIONAL", WebsiteURL="https://example.org", UseCaseDescription="Invitations"
        )
        assert ses.send(to="ana@example.com") == ""
        ses.client.delete_email_identity(EmailIdentity="example.org")
        ses.client.create_email_identity(EmailIdentity="example.org")
        assert ses.send() == "MessageRejected", "a domain that was removed is verified anew"
