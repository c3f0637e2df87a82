"""Commands run against the stage `test` on moto."""

import json
import os
from pathlib import Path

import pytest

from infra.deployment import stage_config


@pytest.fixture
def staged(tables: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The stage `test`, deployed according to a copy of Chalice's configuration that tests may change."""
    environment = {name: value for name, value in os.environ.items() if name.startswith("ROLLBOOK_")}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"stages": {"test": {"environment_variables": environment}}}))
    monkeypatch.setattr(stage_config, "CONFIG", config)
    for name in ("ROLLBOOK_TABLES", "AWS_REGION"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
