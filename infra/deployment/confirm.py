"""A plan is shown, and then confirmed by the operator."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable


def add_options(parser: ArgumentParser) -> None:
    """Declare the options of a command that changes something."""
    parser.add_argument("--stage", required=True)
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--plan", action="store_true", help="only show what would change")
    chosen.add_argument("--yes", action="store_true", help="go on without asking")


def print_plan(what: str, lines: Iterable[str]) -> None:
    """Print a plan, or that there is nothing to do."""
    listed = list(lines)
    print(f"{what}:" if listed else f"{what}: nothing to change.")
    for line in listed:
        print(f"  {line}")


def is_confirmed(options: Namespace, question: str = "Go on?") -> bool:
    """Whether the operator confirms the plan."""
    return not options.plan and (options.yes or typed_answer(f"{question} [y/N] ").lower() in {"y", "yes"})


def typed_answer(question: str) -> str:
    """Return the typed answer; empty without a terminal."""
    try:
        return input(question).strip()
    except EOFError:
        print("Nobody answers: --yes goes on without asking.")
        return ""
