"""R5 on DynamoDB Local: portal invitations to a hundred customers through every fault."""

from datetime import datetime
from functools import cache

import pytest

from chalicelib import clients
from chalicelib.operations import organisations
from tests.operations.faults import check_bulk_loses_nobody
from tests.operations.simulated_aws import Ses
from tests.operations.simulated_queue import Sqs

pytestmark = pytest.mark.live
INDEXES = {"directory", "due", "recipient", "unsent"}


def test_a_hundred_customers_through_every_fault(stage: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    ses, sqs = Ses(), Sqs()
    ses.install(monkeypatch)
    monkeypatch.setattr(clients, "sqs", cache(lambda: sqs))
    organisations.create("demo", "Demo", now=now)
    check_bulk_loses_nobody(120, sqs, ses, now, monkeypatch)
