"""R5 on DynamoDB Local: a thousand messages through every fault."""

from datetime import datetime

import pytest

from chalicelib.operations import organisations
from tests.operations.faults import check_none_is_lost
from tests.operations.simulated_aws import Ses

pytestmark = pytest.mark.live
INDEXES = {"due", "unsent"}


def test_a_thousand_messages_through_every_fault(stage: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    ses = Ses()
    ses.install(monkeypatch)
    organisations.create("demo", "Demo", now=now)
    check_none_is_lost(1000, ses, now, monkeypatch)
