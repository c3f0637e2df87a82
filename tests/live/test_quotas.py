"""Quotas under races, on DynamoDB Local: never one too many, and none too few. The control takes the guard out."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from chalicelib.operations import customers, organisations
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.quotas import Quotas, TooManyCustomers
from chalicelib.rules.refusals import Busy
from chalicelib.tables import quotas, usage
from chalicelib.tables.conditions import ALWAYS

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MOST, INVITED = 10, 25


def _at_once(step: Callable[[int], bool]) -> int:
    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(step, range(INVITED)))


def _customer(number: int) -> bool:
    while True:
        try:
            customers.create_customer("demo", CustomerInput(name=f"N{number}", email=f"n{number}@example.org"), key=str(number), now=NOW)
        except TooManyCustomers:
            return False
        except Busy:
            continue
        return True


@pytest.fixture(autouse=True)
def organisation(stage: str) -> None:
    organisations.create("demo", "Demo", now=NOW)
    organisations.set_quotas("demo", Quotas(customers=MOST, mails_a_day=MOST))


def test_as_many_customers_are_made_as_the_quota_allows() -> None:
    assert _at_once(_customer) == MOST
    assert usage.count_customers("demo") == MOST


def test_as_many_e_mails_leave_as_the_quota_allows() -> None:
    assert _at_once(lambda _: usage.take_mail("demo", MOST, now=NOW) is not None) == MOST


def test_without_their_conditions_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (quotas, usage):
        monkeypatch.setattr(module, "below", lambda *_: ALWAYS)
    assert _at_once(lambda _: usage.take_mail("demo", MOST, now=NOW) is not None) > MOST
    assert _at_once(_customer) > MOST
