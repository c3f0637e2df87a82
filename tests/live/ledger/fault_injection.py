"""Fault injection: a precaution is taken out of the code, and the test that is named beside it must notice."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.tables import conditions
from chalicelib.tables.conditions import Condition
from chalicelib.tables.ledger import full_cache
from tests.live.ledger import race_report

Patch = pytest.MonkeyPatch
RACES = 5
THERE = "attribute_exists(pk)"
BROKEN_CONTROL = (ClientError, BotoCoreError, TypeError, AttributeError, KeyError, NameError)


class Control(NamedTuple):
    plant: Callable[[Patch], None]
    check: Callable[..., None]
    given: dict[str, Any] = {}


def check_noticed(name: str, control: Control, given: Callable[[], dict[str, Any]] = dict) -> None:
    """Check that the named test passes, and fails without the precaution. `given` returns its fixtures.

    A race without its guard is lost often, not always: it is run until it is lost, at most RACES times.
    """
    control.check(**given())
    full_cache._full.clear()
    with Patch.context() as patch:
        control.plant(patch)
        failure = next(filter(None, (failing(control.check, given()) for _ in range(RACES))), None)
    assert failure is not None, f"{control.check.__name__} did not notice"
    assert not isinstance(failure, BROKEN_CONTROL), f"the control itself is broken: {failure!r}"
    race_report.say(f"planted: {name:40} noticed by {control.check.__name__}")


def failing(check: Callable[..., None], given: dict[str, Any]) -> BaseException | None:
    try:
        check(**given)
    except (Exception, pytest.fail.Exception) as failure:
        return failure
    return None


def dropped(module: Any, condition: str) -> Callable[[Patch], None]:
    """Replace a condition, or a function that returns one, by one that always holds. It names the same values, as DynamoDB demands."""
    return lambda patch: patch.setattr(module, condition, _lax(getattr(module, condition)))


def _lax(condition: Any) -> Any:
    match condition:
        case str():
            return f"({condition} OR {THERE})"
        case Condition():
            return condition | conditions.THERE
        case _:
            return lambda *arguments, **more: condition(*arguments, **more) | conditions.THERE


def without(part: str, condition: str) -> str:
    """Return the condition with one part replaced by one that always holds."""
    assert part in condition
    return condition.replace(part, f"({part} OR {THERE})")
