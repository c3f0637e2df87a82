"""Key conditions of queries on MiniStack, which reads each anew for every item of a partition: seconds with ten thousand customers.

The conditions that this application asks are read once; everything else is MiniStack's. tests/infra/local/test_key_conditions.py compares.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import eq, ge, gt, le, lt
from typing import Any, NamedTuple

from ministack.services import dynamodb

Values = Mapping[str, Mapping[str, Any]]
FORM = re.compile(
    r"(?P<hash>#?\w+) = (?P<of>:\w+)"
    r"(?: AND (?:(?P<range>#?\w+) (?:(?P<how>=|<=|>=|<|>) (?P<than>:\w+)|BETWEEN (?P<low>:\w+) AND (?P<high>:\w+))"
    r"|begins_with\((?P<begun>#?\w+), (?P<by>:\w+)\)))?"
)
COMPARED: Mapping[str, Callable[[str, str], bool]] = {"=": eq, "<=": le, ">=": ge, "<": lt, ">": gt}


class KeyCondition(NamedTuple):
    """A condition on the partition key, and on the sort key: how it compares with which values."""

    hash: str
    of: str
    range: str = ""
    how: Callable[..., bool] = eq
    values: tuple[str, ...] = ()


def read_once() -> None:
    """Replace MiniStack's function."""
    evaluate = dynamodb._evaluate_condition

    def evaluated(expr: str, item: Values, values: Values, names: Mapping[str, str], slot: str = "ConditionExpression") -> bool:
        condition = read(expr) if slot == "KeyConditionExpression" else None
        holds = _holds(condition, item, values, names) if condition else None
        return bool(evaluate(expr, item, values, names, slot=slot)) if holds is None else holds

    dynamodb._evaluate_condition = evaluated


@cache
def read(expression: str) -> KeyCondition | None:
    """Return the condition; None for one in another form."""
    found = FORM.fullmatch(expression)
    if found is None:
        return None
    part = found.groupdict()
    if part["begun"]:
        return KeyCondition(part["hash"], part["of"], part["begun"], str.startswith, (part["by"],))
    if part["low"]:
        return KeyCondition(part["hash"], part["of"], part["range"], _between, (part["low"], part["high"]))
    if part["how"]:
        return KeyCondition(part["hash"], part["of"], part["range"], COMPARED[part["how"]], (part["than"],))
    return KeyCondition(part["hash"], part["of"])


def _holds(condition: KeyCondition, item: Values, values: Values, names: Mapping[str, str]) -> bool | None:
    """Return whether it holds for an item; None where a value is missing or no text, which MiniStack refuses in its own words."""
    try:
        if item[names.get(condition.hash, condition.hash)]["S"] != values[condition.of]["S"]:
            return False
        if not condition.range:
            return True
        compared = (values[name]["S"] for name in condition.values)
        return condition.how(item[names.get(condition.range, condition.range)]["S"], *compared)
    except KeyError:
        return None


def _between(value: str, low: str, high: str) -> bool:
    return low <= value <= high
