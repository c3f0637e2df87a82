"""The commands of the operators' guide for incidents, on the deployed application."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.live.deployed.deployment import STAGE, Deployment, done
from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import fresh
from tests.live.stack import eventually

pytestmark = pytest.mark.live


def test_one_e_mail_and_a_recount(deployed: Deployment, staff: Staff) -> None:
    to = fresh("operator")
    assert "SES took it" in done(deployed.infra("send-test", "--to", to))
    assert deployed.mail(to)["subject"] == "Rollbook sends e-mail"
    assert "Every session adds up." in done(deployed.infra("reconcile"))


def test_a_poison_record_is_set_aside_blocks_no_others_and_is_replayed_once_repaired(deployed: Deployment, staff: Staff) -> None:
    poisoned, ana, dynamodb = fresh("poison"), fresh("ana"), deployed.aws.client("dynamodb")
    id = poisoned.partition("@")[0]
    key = {"TableName": f"rollbook-{STAGE}-messages", "Key": {"pk": {"S": f"demo#{id}"}}}
    dynamodb.put_item(TableName=key["TableName"], Item=_message(id, poisoned))
    staff.invite(staff.session(), ana)
    assert deployed.mail(ana), "a failed record does not block the others"
    assert eventually(lambda: "would be handled again" in deployed.infra("replay", "--dry-run").stdout or None)

    still = deployed.infra("replay")
    assert (still.returncode, "failed again" in still.stdout) == (1, True), still.stdout
    dynamodb.update_item(
        **key,
        UpdateExpression="SET #data.nonce = :n",
        ExpressionAttributeNames={"#data": "data"},
        ExpressionAttributeValues={":n": {"S": "n"}},
    )
    assert "The queue is empty." in done(deployed.infra("replay"))
    assert deployed.mail(poisoned)


def _message(id: str, to: str) -> dict[str, Any]:
    """Return a queued message that lacks a value that its e-mail needs."""
    words = {"pk": f"demo#{id}", "kind": "password_reset", "to": to, "recipient": f"demo#{to}", "locale": "en", "state": "queued"}
    words |= {"created_at": "2026-11-22T12:00:00Z"}
    return {**{name: {"S": word} for name, word in words.items()}, "data": {"M": {"user": {"S": "u"}}}, "attempts": {"N": "0"}}


def test_the_tables_are_restored_beside_the_others_and_the_stage_is_switched_to_them_and_back(deployed: Deployment, staff: Staff) -> None:
    before, moment = staff.session(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    made = done(deployed.infra("restore", "--yes", "--to", moment))
    tables = made.split()[-1]
    after = staff.session()

    done(deployed.infra("restore", "--yes", "--switch", tables))
    assert (_there(staff, before), _there(staff, after)) == (200, 404)
    ana = fresh("ana")
    staff.invite(before, ana)
    assert deployed.mail(ana), "the streams of the restored tables are followed"
    done(deployed.infra("check"))

    done(deployed.infra("restore", "--yes", "--switch", f"rollbook-{STAGE}"))
    assert (_there(staff, before), _there(staff, after)) == (200, 200)


def _there(staff: Staff, session: str) -> int:
    """Return the status of a session. Right after a switch functions start anew, and may say on a slow computer that they are busy."""

    def status() -> int | None:
        found = int(staff.call("GET", f"/sessions/{session}").status)
        return None if found == 503 else found

    return eventually(status)
