"""A customer who is invited to the portal, and one with an account."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.operations.auth import user_pool as pool
from chalicelib.rules.customers import Customer, Participant
from chalicelib.tables import customers
from tests.aws import Demo
from tests.pages.portal_account.ana import ANA, PASSWORD


@pytest.fixture
def demo(demo_org: Demo, user_pool: str) -> Demo:
    return demo_org


@pytest.fixture
def invited(demo: Demo) -> Customer:
    """A customer with a portal invitation."""
    now = datetime.now(UTC)
    customer = Customer(org="demo", id="ana", email=ANA, name="Ana", created_at=now, status="invited", link_version=1, invited_at=now)
    customers.create(customer)
    return customer


@pytest.fixture
def ana(invited: Customer) -> Customer:
    """A customer with an account and two children."""
    user = pool.sign_up(ANA, PASSWORD)
    assert user
    with_children = customers.save(replace(invited, participants=(Participant("Zoé"), Participant("Léo"))), was=invited)
    return customers.accept(with_children, user)
