"""Commands run against the stage `test` on moto."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.operations import organisations, staff
from chalicelib.rules.inputs.organisations import OrganisationChanges
from infra.deployment import stage_config
from tests.api.tenants import Office
from tests.http import call

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "long-Passw0rd!"


@pytest.fixture
def staged(tables: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The stage `test`, deployed according to a copy of Chalice's configuration that tests may change."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("ROLLBOOK_")}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"stages": {"test": {"environment_variables": environment}}}))
    monkeypatch.setattr(stage_config, "CONFIG", config)
    for name in ("ROLLBOOK_TABLES", "AWS_REGION"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


@pytest.fixture
def demo(user_pool: str, bucket: str, staged: None) -> Office:
    """An organisation with something of each kind, and beside it one whose id begins with the same letters."""
    for org in ("demo", "demonstration"):
        organisations.create(org, f"The {org}", now=NOW)
    tokens = {}
    for role in ("owner", "manager", "viewer", "leader"):
        email = f"{role}@demo.test"
        staff.set_owner("demo", email, role, password=PASSWORD, now=NOW)
        signed_in = call("POST", "/v1/auth/sign-in", {"email": email, "password": PASSWORD}).json
        tokens[role] = signed_in["access_token"]
    office = Office("demo", tokens)
    fill(office)
    return office


def fill(office: Office) -> None:
    office.register()
    office.accept(office.invite())
    office.entry()
    office.order_token()
    office.invoice_number()
    office.mailing()
    office.inviting()
    office.imported()
    office.pictured()
    office.with_logo()
    office.discount()
    office.group()
    office.webhook()
    office.api_key()
    office.member()
    office.message()
    contract = office.contract()["id"]
    office.participant(contract)
    office.codes(contract, office.price(contract)["id"])
    keyed = OrganisationChanges.model_validate({"stripe_secret_key": "sk_test_Sentinel", "stripe_webhook_secret": "whsec_Sentinel"})
    organisations.change("demo", keyed, expected=None)
