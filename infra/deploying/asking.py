"""What is to happen is shown, then asked about."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable


def add_asking(parser: ArgumentParser) -> None:
    """Declare the options of a command that changes something."""
    parser.add_argument("--stage", required=True)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--plan", action="store_true", help="only show what would change")
    chosen.add_argument("--yes", action="store_true", help="go on without asking")


def shown(what: str, lines: Iterable[str]) -> None:
    """Print a plan, or that there is nothing to do."""
    listed = list(lines)
    print(f"{what}:" if listed else f"{what}: nothing to change.")
    for line in listed:
        print(f"  {line}")


def agreed(asked: Namespace, question: str = "Go on?") -> bool:
    """Whether what was shown is to be done."""
    return not asked.plan and (asked.yes or answered(f"{question} [y/N] ").lower() in {"y", "yes"})


def answered(question: str) -> str:
    """Return what somebody types; nothing where nobody can."""
    try:
        return input(question).strip()
    except EOFError:
        print("Nobody answers: --yes goes on without asking.")
        return ""
