"""P1. Portal invitations: how many requests the job asks of DynamoDB."""

from typing import Any

import pytest

from chalicelib import clients
from chalicelib.events.jobs import WORK
from chalicelib.operations import jobs, organisations, portal_invitations
from chalicelib.rules.customers import Customer
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.portal_invitations import Audience
from chalicelib.tables import keys
from chalicelib.tables.customers.rows import customer_item
from chalicelib.tables.items import stored
from tests.live.ledger.scenario import NOW, ORG
from tests.operations.request_counter import counted

pytestmark = pytest.mark.usefixtures("tables")


def test_inviting_customers_to_the_portal_takes_little_more_than_two_each() -> None:
    """P1 for the job, its reads included; and the dry run before it."""
    organisations.create(ORG, "Studio", now=NOW)
    invitees(300)
    with counted() as counts:
        assert len(portal_invitations.check_audience(ORG, Audience(), now=NOW).recipients) == 300
    assert counts.total() <= 4, counts
    with counted() as counts:
        job = portal_invitations.invite_audience(ORG, Audience(), CustomTextInput(), by="staff", key="k", now=NOW)
        while jobs.read_job(ORG, job).open:
            jobs.run_step(ORG, job, WORK, now=NOW)
    rung = 1
    assert counts["PutItem"] - rung == counts["UpdateItem"] - 3 == 300
    assert counts.total() <= 2.12 * 300, "with two reads for each step: whether the organisation is suspended, and how its e-mails fare"


def invitees(number: int) -> None:
    """Write this number of customers in stored form."""
    people = [Customer(ORG, f"c{index}", f"{index}@example.org", f"Customer {index}", NOW) for index in range(number)]
    rows = [row for one in people for row in (customer_item(one), {**keys.address(ORG, one.email).stored(), "customer": stored(one.id)})]
    for first in range(0, len(rows), 25):
        wanted: Any = {"rollbook-test-records": [{"PutRequest": {"Item": row}} for row in rows[first : first + 25]]}
        clients.dynamodb().batch_write_item(RequestItems=wanted)
