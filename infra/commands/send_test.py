"""Send one e-mail through SES as the application does, and report the answer."""

from argparse import ArgumentParser, Namespace

from chalicelib import clients
from chalicelib.config import config
from infra.deployment.stage import Stage
from infra.operation.environment import use_environment_of
from infra.operation.send_test import post


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)
    parser.add_argument("--to", required=True, help="an address of your own")


def run(options: Namespace) -> int:
    """Send it with the stage's sender and configuration set."""
    stage = Stage(options.stage)
    use_environment_of(stage)
    now = config()
    print(f"From {now.sender} to {options.to}, configuration set {now.configuration_set or 'none'}:")
    posted = post(clients.ses(), options.to, stage=stage, sender=now.sender)
    print(f"{posted.said}\n{posted.next}")
    return 0 if posted.id else 1
