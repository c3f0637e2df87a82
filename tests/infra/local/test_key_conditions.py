"""Key conditions that are read once hold for the same items as MiniStack's, and every other one is MiniStack's."""

from collections.abc import Iterator
from typing import Any

import pytest
from ministack.services import dynamodb

from infra.local import key_conditions

ITEMS = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk in ("org", "other") for sk in ("", "A", "B#", "B#1", "C", "é", "\U0001f600", "\uffff")]
FORMS = [
    "pk = :pk",
    "#p = :pk",
    "pk = :pk AND begins_with(sk, :low)",
    "pk = :pk AND begins_with(#s, :low)",
    "pk = :pk AND sk BETWEEN :low AND :high",
    *(f"pk = :pk AND sk {how} :low" for how in ("=", "<", "<=", ">", ">=")),
]
VALUES = {":pk": {"S": "org"}, ":low": {"S": "B#"}, ":high": {"S": "\U0001f600"}}
NAMES = {"#p": "pk", "#s": "sk"}


@pytest.fixture
def evaluated() -> Iterator[Any]:
    """MiniStack's own function; the replaced one is in its place meanwhile."""
    own = dynamodb._evaluate_condition
    key_conditions.read_once()
    yield own
    dynamodb._evaluate_condition = own


def holding(evaluate: Any, form: str, values: Any = VALUES) -> list[Any]:
    return [item for item in ITEMS if evaluate(form, item, values, NAMES, slot="KeyConditionExpression")]


@pytest.mark.parametrize("form", FORMS)
def test_it_holds_for_the_same_items(evaluated: Any, form: str) -> None:
    assert key_conditions.read(form)
    found = holding(dynamodb._evaluate_condition, form)
    assert found == holding(evaluated, form)
    assert 0 < len(found) < len(ITEMS)


@pytest.mark.parametrize("form", ["pk = :pk AND sk = :low AND sk = :high", "contains(pk, :pk)", "pk = :pk OR sk = :low"])
def test_others_are_not_ours(form: str) -> None:
    assert key_conditions.read(form) is None


def test_a_value_that_is_no_text_is_left_to_ministack(evaluated: Any) -> None:
    values = {":pk": {"S": "org"}, ":low": {"N": "1"}}
    form = "pk = :pk AND sk > :low"
    assert holding(dynamodb._evaluate_condition, form, values) == holding(evaluated, form, values)
