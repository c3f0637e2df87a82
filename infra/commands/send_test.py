"""Send one e-mail through SES as the application does, and say what came back."""

from argparse import ArgumentParser, Namespace

from chalicelib import clients
from chalicelib.settings import settings
from infra.deploying.stage import Stage
from infra.operating.acting import act_as
from infra.operating.posting import post


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", required=True)
    parser.add_argument("--to", required=True, help="an address of your own")


def run(asked: Namespace) -> int:
    """Send it with the stage's sender and configuration set."""
    stage = Stage(asked.stage)
    act_as(stage)
    now = settings()
    print(f"From {now.sender} to {asked.to}, configuration set {now.configuration_set or 'none'}:")
    posted = post(clients.ses(), asked.to, stage=stage, sender=now.sender)
    print(f"{posted.said}\n{posted.next}")
    return 0 if posted.id else 1
