"""Show or set how many e-mails a day, customers and sessions an organisation may have. What it has already stays."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from dataclasses import replace

from chalicelib.operations import organisations
from infra.operation.organisation import found_whole, quotas_of

LIFTED = "none"
OPTIONS = ("mails_a_day", "customers", "sessions")


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--id", required=True)
    for name in OPTIONS:
        parser.add_argument(f"--{name.replace('_', '-')}", type=_number, metavar="NUMBER", help=f"{LIFTED} lifts the limit")


def run(options: Namespace) -> int:
    """Set the limits that are named, and print all."""
    organisation = found_whole(options.id)
    named = {name: getattr(options, name) for name in OPTIONS if getattr(options, name) is not None}
    wanted = replace(organisation.quotas, **{name: None if number == LIFTED else number for name, number in named.items()})
    if wanted != organisation.quotas:
        organisation = organisations.set_quotas(organisation.org, wanted)
    print(f"{options.id} may have: {quotas_of(organisation)}.")
    return 0


def _number(text: str) -> int | str:
    if text == LIFTED:
        return LIFTED
    if not (text.isascii() and text.isdigit()) or int(text) > 10**9:
        raise ArgumentTypeError(f"a number up to a thousand million, or {LIFTED}")
    return int(text)
