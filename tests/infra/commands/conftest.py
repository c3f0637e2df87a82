"""Commands act on the stage `test`, on moto."""

import os

import pytest

from infra.deploying import configuring


@pytest.fixture
def staged(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage `test` is deployed, as far as Chalice's configuration can tell."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("ROLLBOOK_")}
    monkeypatch.setattr(configuring, "configured", lambda stage: environment if stage.name == "test" else {})
