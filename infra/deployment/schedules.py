"""The stage's rules in EventBridge. Every deploy of Chalice enables them, so paused rules are disabled again."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.deployment.clients import client
from infra.deployment.stage import Stage

RULES = ("on_deliveries-event", "run_schedules-event")


def states(stage: Stage) -> dict[str, bool]:
    """Return which rules there are, and whether each is enabled."""
    rules = client("events").list_rules(NamePrefix=f"{stage.stack}-")["Rules"]
    ours = {f"{stage.stack}-{rule}" for rule in RULES}
    return {rule["Name"]: rule["State"] == "ENABLED" for rule in rules if rule["Name"] in ours}


@contextmanager
def as_they_were(stage: Stage) -> Iterator[None]:
    """Disable the rules again that were disabled before the block, also when it fails."""
    paused = [name for name, enabled in states(stage).items() if not enabled]
    try:
        yield
    finally:
        for name in paused:
            client("events").disable_rule(Name=name)
            print(f"{name} stays disabled, as it was.")
