"""Do what Chalice does not: mappings by ARN with all their settings, log retention, the public address, domain and firewall."""

from argparse import ArgumentParser, Namespace

from infra.deploying import changes, configuring, recording, wiring
from infra.deploying.asking import add_asking, agreed, shown
from infra.deploying.stage import Stage


def add(parser: ArgumentParser) -> None:
    add_asking(parser)


def run(asked: Namespace) -> int:
    """Show what differs from what must be, and make it so. Last, Chalice remembers the mappings as they now are."""
    stage = Stage(asked.stage)
    needed = wiring.needed(stage)
    written = configuring.differences(configuring.configured(stage), needed.environment)
    shown(f"Environment of stage {stage.name} in .chalice/config.json", written)
    shown(f"Wiring of stage {stage.name}", [change.says for change in needed.changes])
    if (written or needed.changes) and not agreed(asked):
        return 0 if asked.plan else 1
    if not asked.plan:
        configuring.write(stage, needed.environment)
        changes.apply(needed.changes)
        recording.record(stage, recording.found(stage))
    return 0
