"""Planted faults: a precaution is taken out of the code, and the test that is named beside it must notice."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.tables.ledger import gate
from tests.live.ledger import tally

Patch = pytest.MonkeyPatch
THERE = "attribute_exists(pk)"
BROKEN_CONTROL = (ClientError, BotoCoreError, TypeError, AttributeError, KeyError, NameError)


class Control(NamedTuple):
    plant: Callable[[Patch], None]
    check: Callable[..., None]
    given: dict[str, Any] = {}


def check_noticed(name: str, control: Control, given: Callable[[], dict[str, Any]] = dict) -> None:
    """See the named test pass, and fail without the precaution. `given` returns what it needs of fixtures."""
    control.check(**given())
    gate._full.clear()
    with Patch.context() as patch:
        control.plant(patch)
        failure = failing(control.check, given())
    assert failure is not None, f"{control.check.__name__} did not notice"
    assert not isinstance(failure, BROKEN_CONTROL), f"the control itself is broken: {failure!r}"
    tally.say(f"planted: {name:40} noticed by {control.check.__name__}")


def failing(check: Callable[..., None], given: dict[str, Any]) -> BaseException | None:
    try:
        check(**given)
    except (Exception, pytest.fail.Exception) as failure:
        return failure
    return None


def dropped(module: Any, condition: str) -> Callable[[Patch], None]:
    """The condition always holds; its values are still named, as DynamoDB demands."""
    return lambda patch: patch.setattr(module, condition, f"({getattr(module, condition)} OR {THERE})")
