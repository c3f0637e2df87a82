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


def run(options: Namespace) -> int:
    """List the drift, and repair it if asked."""
    if options.stage:
        use_environment_of(Stage(options.stage))
    found = 0
    for name in [options.org] if options.org else organisations.every():
        for drift in reconcile.reconcile(name, now=datetime.now(UTC), repair=options.repair):
            found += 1
            print(f"{name} session {drift.session}: {drift.kind} {drift.id}{' (repaired)' if options.repair else ''}")
    print(f"{found} found" if found else "Every session adds up.")
    return 1 if found and not options.repair else 0
