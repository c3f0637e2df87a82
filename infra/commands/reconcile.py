"""Recount every session and report drift."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from chalicelib.operations import reconcile
from chalicelib.tables import organisations
from infra.deployment.stage import Stage
from infra.operation.environment import use_environment_of


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--stage", help="a deployed stage; unless told, what the environment says")
    parser.add_argument("--org", help="only this organisation")
    parser.add_argument("--repair", action="store_true", help="repair what is found; it may be run again")


def run(asked: Namespace) -> int:
    """List the drift, and repair it if asked."""
    if asked.stage:
        use_environment_of(Stage(asked.stage))
    found = 0
    for name in [asked.org] if asked.org else organisations.every():
        for drift in reconcile.reconcile(name, now=datetime.now(UTC), repair=asked.repair):
            found += 1
            print(f"{name} session {drift.session}: {drift.kind} {drift.id}{' (repaired)' if asked.repair else ''}")
    print(f"{found} found" if found else "Every session adds up.")
    return 1 if found and not asked.repair else 0
