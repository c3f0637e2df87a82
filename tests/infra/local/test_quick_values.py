"""Checks that are remembered, and copies made quickly, are MiniStack's."""

from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from ministack.services import dynamodb

from infra.local import quick_values

MANY = [{"N": "1"}, {"M": {"raw": {"B": "AP8="}}}, {"SS": ["x"]}]
ITEM = {"pk": {"S": "a"}, "on": {"BOOL": True}, "none": {"NULL": True}, "many": {"L": MANY}}
SLOT = "ConditionExpression"


@pytest.fixture
def own() -> Iterator[dict[str, Any]]:
    """MiniStack's own functions by name; the replaced ones are in their place meanwhile."""
    before = {name: getattr(dynamodb, name) for name in (*quick_values.CHECKS, "copy")}
    quick_values.speed_up()
    yield before
    for name, function in before.items():
        setattr(dynamodb, name, function)


@pytest.mark.parametrize("number", ["0", "-1.50", "1E3", "1e-130", "1E126", "1" * 39, "", "x", " 5", "1_000", None, 5, ["1"]])
def test_a_number_is_checked_as_before(own: dict[str, Any], number: Any) -> None:
    for name in ("_number_error", "_ddb_canonicalize_number"):
        assert [getattr(dynamodb, name)(number) for _ in range(2)] == [own[name](number)] * 2


@pytest.mark.parametrize(
    "condition", ["a = :b", "attribute_not_exists(pk) AND (a < :b OR NOT c = :d)", "a = = :b", "a IN (:b, :c", "a ~ :b"]
)
def test_a_condition_is_checked_as_before(own: dict[str, Any], condition: str) -> None:
    expected = own["_condition_syntax_error"](condition, SLOT)
    assert [dynamodb._condition_syntax_error(condition, SLOT) for _ in range(2)] == [expected] * 2


def test_a_copy_shares_nothing_that_can_be_changed() -> None:
    copy = quick_values.copied(ITEM)
    assert copy == ITEM
    copy["many"]["L"][1]["M"]["raw"]["B"] = copy["many"]["L"][2]["SS"][0] = "changed"
    assert MANY[1:] == [{"M": {"raw": {"B": "AP8="}}}, {"SS": ["x"]}]


def test_what_items_do_not_consist_of_is_copied_as_python_does() -> None:
    partitions = defaultdict(dict, {"a": {"b": ITEM}})
    copy = quick_values.copied(partitions)
    assert type(copy) is defaultdict
    assert copy == deepcopy(partitions)
    assert copy["a"]["b"] is not ITEM
