"""Accounts to sign in with."""

from datetime import datetime

import pytest

from chalicelib.operations import organisations, staff
from chalicelib.rules.organisations import StaffMember
from tests.operations.auth import PASSWORD


@pytest.fixture
def owner(user_pool: str, now: datetime) -> StaffMember:
    """The owner of the organisation `demo`, who signs in with PASSWORD."""
    organisations.create("demo", "Demo", now=now, locale="fr")
    return staff.set_owner("demo", "Owner@Demo.test", "Olga", password=PASSWORD, now=now)
