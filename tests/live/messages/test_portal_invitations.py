"""R5 on DynamoDB Local: hundreds of customers are invited to the portal through every trouble."""

from datetime import datetime
from functools import cache

import pytest

from chalicelib import clients
from chalicelib.operations import organisations
from tests.messages.post_office import Ses
from tests.messages.troubles import check_bulk_loses_nobody
from tests.messages.worker import Sqs

pytestmark = pytest.mark.live


def test_hundreds_of_customers_through_every_trouble(stage: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    ses, sqs = Ses(), Sqs()
    monkeypatch.setattr(clients, "ses", cache(lambda: ses))
    monkeypatch.setattr(clients, "sqs", cache(lambda: sqs))
    organisations.create("demo", "Demo", now=now)
    check_bulk_loses_nobody(250, sqs, ses, now, monkeypatch)
