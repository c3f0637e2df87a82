"""Chalice with the settings of every stage: `python -m infra.chalice url --stage prod`.

A plain `chalice` reads `.chalice/config.json` alone, and knows no stage that was deployed.
"""

from typing import Any

from chalice.cli import main as chalice_main
from chalice.cli.factory import CLIFactory

from infra.deployment import stage_config


def main() -> None:
    """Run Chalice with the arguments of this process."""
    CLIFactory.load_project_config = _load
    chalice_main()


def _load(_factory: CLIFactory) -> dict[str, Any]:
    return stage_config.chalice_config()


if __name__ == "__main__":
    main()
