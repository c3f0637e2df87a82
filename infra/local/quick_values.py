"""Values and expressions on MiniStack, which checks the same number and the same condition anew for every item, and copies items slowly.

Together a fifth of its processor time. tests/infra/local/test_quick_values.py compares.
"""

import copy
from collections.abc import Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from ministack.services import dynamodb

MOST_REMEMBERED = 10_000
CHECKS = ("_number_error", "_ddb_canonicalize_number", "_condition_syntax_error")


def speed_up() -> None:
    """Replace MiniStack's functions."""
    for name in CHECKS:
        setattr(dynamodb, name, remembered(getattr(dynamodb, name)))
    dynamodb.copy = SimpleNamespace(deepcopy=copied)


def remembered(check: Callable[..., Any]) -> Callable[..., Any]:
    """Return the check, done once for the same texts. What is no text is checked each time."""
    once = lru_cache(MOST_REMEMBERED)(check)
    return lambda *arguments: once(*arguments) if all(type(each) is str for each in arguments) else check(*arguments)


def copied(value: Any) -> Any:
    """Return a deep copy, quickly of what items consist of: dictionaries, lists and text."""
    kind = type(value)
    if kind is str:
        return value
    if kind is dict:
        return {name: copied(part) for name, part in value.items()}
    if kind is list:
        return [copied(part) for part in value]
    return copy.deepcopy(value)
