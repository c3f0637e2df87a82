"""Commands act on the stage `test`, on moto."""

import json
import os
from pathlib import Path

import pytest

from infra.deploying import configuring


@pytest.fixture
def staged(tables: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The stage `test` is deployed, as far as Chalice's configuration can tell, which may be changed."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("ROLLBOOK_")}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"stages": {"test": {"environment_variables": environment}}}))
    monkeypatch.setattr(configuring, "CONFIG", config)
    for name in ("ROLLBOOK_TABLES", "AWS_REGION"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
