"""E-mails of the deployed application while SES has not what they need: nothing is given up, and the operator's command mends it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.operation.functions import schedule_event
from tests.live.deployed.deployment import SENDER, STAGE, Deployment, done
from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import fresh
from tests.live.stack import eventually

pytestmark = pytest.mark.live
SET = f"rollbook-{STAGE}"
OWN = f"{SET}_demo"
PAUSE = 1.1
"""Seconds between two requests about configuration sets: SES takes one a second."""


def sets(deployed: Deployment, operation: str, **parameters: Any) -> dict[str, Any]:
    """Ask SES about configuration sets, at its pace."""
    time.sleep(PAUSE)
    return dict(getattr(deployed.aws.client("sesv2"), operation)(**parameters))


def set_of(mail: dict[str, Any]) -> str:
    return str(mail["tags"]["configuration-set"])


def test_an_organisation_sends_by_its_own_set(deployed: Deployment, staff: Staff) -> None:
    ana = fresh("ana")
    staff.invite(staff.session(), ana)
    assert set_of(deployed.mail(ana)) == OWN
    told, own = (sets(deployed, "get_configuration_set_event_destinations", ConfigurationSetName=name) for name in (SET, OWN))
    assert own["EventDestinations"] == told["EventDestinations"]


def test_without_its_own_set_it_sends_by_the_stages_until_it_is_made_again(deployed: Deployment, staff: Staff) -> None:
    ana, ben = fresh("ana"), fresh("ben")
    sets(deployed, "delete_configuration_set", ConfigurationSetName=OWN)
    staff.invite(staff.session(), ana)
    assert set_of(deployed.mail(ana)) == SET
    time.sleep(PAUSE)
    assert f"demo: {OWN}" in done(deployed.infra("organisation", "reputation"))
    staff.invite(staff.session(), ben)
    assert set_of(deployed.mail(ben)) == OWN


def test_while_no_set_is_there_e_mails_wait(deployed: Deployment, staff: Staff) -> None:
    kept = sets(deployed, "get_configuration_set_event_destinations", ConfigurationSetName=SET)["EventDestinations"]
    for name in (OWN, SET):
        sets(deployed, "delete_configuration_set", ConfigurationSetName=name)
    with waiting(deployed, staff):
        sets(deployed, "create_configuration_set", ConfigurationSetName=SET)
        for told in kept:
            destination = {name: value for name, value in told.items() if name != "Name"}
            parameters = {"ConfigurationSetName": SET, "EventDestinationName": told["Name"], "EventDestination": destination}
            sets(deployed, "create_configuration_set_event_destination", **parameters)
    time.sleep(PAUSE)
    done(deployed.infra("organisation", "reputation"))


def test_while_its_sending_is_paused_e_mails_wait(deployed: Deployment, staff: Staff) -> None:
    sets(deployed, "put_configuration_set_sending_options", ConfigurationSetName=OWN, SendingEnabled=False)
    with waiting(deployed, staff):
        sets(deployed, "put_configuration_set_sending_options", ConfigurationSetName=OWN, SendingEnabled=True)


def test_while_the_sender_is_not_verified_e_mails_wait(deployed: Deployment, staff: Staff) -> None:
    ses, domain = deployed.aws.client("sesv2"), SENDER.partition("@")[2]
    ses.delete_email_identity(EmailIdentity=domain)
    with waiting(deployed, staff):
        assert f"SES has not verified {SENDER}" in deployed.infra("check").stdout
        ses.create_email_identity(EmailIdentity=domain)


@contextmanager
def waiting(deployed: Deployment, staff: Staff) -> Iterator[None]:
    """Queue an e-mail that waits until the block has mended what it needs, and leaves when the clock calls the next time."""
    session, ana = staff.session(), fresh("ana")
    staff.invite(session, ana)
    (message,) = eventually(lambda: staff.call("GET", f"/sessions/{session}/messages").json["items"] or None)
    await_attempt(deployed, message["id"])
    assert deployed.mails(ana) == []
    yield
    age(deployed, message["id"])
    deployed.invoke("run_schedules", schedule_event(datetime.now(UTC)))
    assert deployed.mail(ana)


def await_attempt(deployed: Deployment, id: str) -> None:
    """Wait until the message was tried, and waits again."""

    def again() -> bool | None:
        item = row(deployed, id)
        assert item["state"]["S"] in {"queued", "sending"}, item
        return (int(item["attempts"]["N"]) > 0 and item["state"]["S"] == "queued") or None

    eventually(again)


def row(deployed: Deployment, id: str) -> dict[str, Any]:
    key = {"TableName": f"{SET}-messages", "Key": {"pk": {"S": f"demo#{id}"}}}
    return dict(deployed.aws.client("dynamodb").get_item(**key)["Item"])


def age(deployed: Deployment, id: str) -> None:
    """Make the message five minutes older: the clock calls for what has waited for longer than one."""
    earlier = {":at": {"S": f"{datetime.now(UTC) - timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}"}}
    key = {"TableName": f"{SET}-messages", "Key": {"pk": {"S": f"demo#{id}"}}}
    deployed.aws.client("dynamodb").update_item(**key, UpdateExpression="SET created_at = :at", ExpressionAttributeValues=earlier)
