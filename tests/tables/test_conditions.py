"""Conditions and changes as values: their rendered expressions, which DynamoDB must accept."""

import pytest

from chalicelib.config import config
from chalicelib.tables import dynamodb
from chalicelib.tables.conditions import (
    NEW,
    THERE,
    AttributePath,
    Condition,
    Update,
    above,
    absent,
    all_of,
    as_read,
    at_least,
    at_most,
    below,
    differs,
    equals,
    has_length,
    one_of,
    present,
    rendered,
    same,
    unchanged,
)
from chalicelib.tables.items import item, plain
from chalicelib.tables.keys import Key

KEY = Key("demo", "conditions")


def _text(condition: Condition) -> str:
    """Return a condition with its names and values inserted."""
    parameters = rendered(ConditionExpression=condition)
    text: str = parameters["ConditionExpression"]
    for alias, name in parameters.get("ExpressionAttributeNames", {}).items():
        text = text.replace(alias, name)
    for alias, value in parameters.get("ExpressionAttributeValues", {}).items():
        text = text.replace(alias, next(iter(value.values())))
    return text


def test_a_name_has_one_placeholder_and_each_value_one_of_its_own() -> None:
    assert rendered(UpdateExpression=Update().set(role="staff"), ConditionExpression=equals("role", "owner") & present("role")) == {
        "UpdateExpression": "SET #0 = :0",
        "ConditionExpression": "#0 = :1 AND attribute_exists(#0)",
        "ExpressionAttributeNames": {"#0": "role"},
        "ExpressionAttributeValues": {":0": {"S": "staff"}, ":1": {"S": "owner"}},
    }


def test_a_condition_without_values_brings_none() -> None:
    assert rendered(ConditionExpression=NEW) == {
        "ConditionExpression": "attribute_not_exists(#0)",
        "ExpressionAttributeNames": {"#0": "pk"},
    }


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (equals("a", "1") | equals("b", "2") | absent("c"), "a = 1 OR b = 2 OR attribute_not_exists(c)"),
        (equals("a", "1") & (absent("b") | equals("b", "2")), "a = 1 AND (attribute_not_exists(b) OR b = 2)"),
        ((equals("a", "1") | equals("b", "2")) & present("c"), "(a = 1 OR b = 2) AND attribute_exists(c)"),
        ((equals("a", "1") & equals("b", "2")) | present("c"), "(a = 1 AND b = 2) OR attribute_exists(c)"),
        (same("spots", "cap") & differs("h", "x"), "spots = cap AND h <> x"),
        (at_least("n", 3) & below("n", 9) & as_read(2), "n >= 3 AND n < 9 AND version = 2"),
        (
            all_of([above("n", 3), at_most("n", 9), absent("a") | equals("a", "1")]),
            "n > 3 AND n <= 9 AND (attribute_not_exists(a) OR a = 1)",
        ),
        (one_of("state", ["queued", "sending"]) & has_length("payments", 2), "state IN (queued, sending) AND size(payments) = 2"),
        (equals(("h", "i.d", "v"), "x") & absent(("h", "j")), "h.i.d.v = x AND attribute_not_exists(h.j)"),
        (unchanged("invoice", "1") & unchanged("held_back", ""), "invoice = 1 AND attribute_not_exists(held_back)"),
    ],
)
def test_each_operand_stays_whole(condition: Condition, text: str) -> None:
    assert _text(condition) == text


def test_a_change_has_the_clauses_it_needs() -> None:
    change = Update().set(status="done", ended_at=None).remove("job").add(version=1)
    assert rendered(UpdateExpression=change)["UpdateExpression"] == "SET #0 = :0 REMOVE #1, #2 ADD #3 :1"
    assert rendered(UpdateExpression=Update().remove("job"))["UpdateExpression"] == "REMOVE #0"


def test_a_list_grows_whether_or_not_it_was_there(tables: None) -> None:
    table = config().records_table
    dynamodb.put_new(table, {**KEY.stored(), **item({"old": ["a"]})})
    written = dynamodb.update(table, KEY, Update().append("old", "b", "c").append("new", {"at": 1}), THERE)
    assert (plain(written)["old"], plain(written)["new"]) == (["a", "b", "c"], [{"at": 1}])


def test_a_default_leaves_a_value_that_is_there(tables: None) -> None:
    table = config().records_table
    dynamodb.put_new(table, {**KEY.stored(), **item({"first": 1})})
    written = dynamodb.update(table, KEY, Update().default(first=2, copied=AttributePath.of("first"), fixed=3), THERE)
    assert {name: plain(written)[name] for name in ("first", "copied", "fixed")} == {"first": 1, "copied": 1, "fixed": 3}


def test_attributes_inside_a_map_are_reached_by_any_name(tables: None) -> None:
    table = config().records_table
    dynamodb.put_new(table, {**KEY.stored(), **item({"h": {"a.b": {"v": "x"}, "gone": {}}})})
    change = Update().set_in(("h", "a.b", "v"), "y").set_in(("h", "new"), {"v": 1}).remove(("h", "gone"))
    written = dynamodb.update(table, KEY, change, equals(("h", "a.b", "v"), "x"))
    assert plain(written)["h"] == {"a.b": {"v": "y"}, "new": {"v": 1}}


def test_more_than_ten_placeholders_are_told_apart(tables: None) -> None:
    many = {f"a{n}": n for n in range(12)}
    dynamodb.put_new(config().records_table, {**KEY.stored(), **item({"version": 1})})
    written = dynamodb.update(config().records_table, KEY, Update().set(**many), as_read(1))
    assert {name: plain(written)[name] for name in many} == many


def test_reserved_words_need_no_alias(tables: None) -> None:
    table = config().records_table
    dynamodb.put_new(table, {**KEY.stored(), **item({"status": "valid", "count": 1, "job": "j"})})
    change = Update().set(status="done").remove("job").add(count=2)
    written = dynamodb.update(table, KEY, change, equals("status", "valid") & at_least("count", 1))
    assert plain(written) == {"pk": KEY.pk, "sk": KEY.sk, "status": "done", "count": 3}


def test_put_new_leaves_an_item_that_is_there(tables: None) -> None:
    dynamodb.put_new(config().records_table, {**KEY.stored(), **item({"n": 1})})
    with pytest.raises(dynamodb.ConditionFailed) as failed:
        dynamodb.put_new(config().records_table, {**KEY.stored(), **item({"n": 2})})
    assert failed.value.old
    assert plain(failed.value.old)["n"] == 1


def test_the_writes_of_a_transaction_hold_together(tables: None) -> None:
    table, first, second, third = config().records_table, KEY, Key("demo", "second"), Key("demo", "third")
    for key in (first, second):
        dynamodb.put_new(table, {**key.stored(), **item({"version": 1})})

    def writes(version: int) -> None:
        dynamodb.transact(
            [
                dynamodb.check(table, first, THERE),
                dynamodb.delete_write(table, second, as_read(version)),
                dynamodb.put_write(table, third.stored(), NEW),
            ]
        )

    with pytest.raises(dynamodb.TransactionFailed) as failed:
        writes(2)
    assert [reason is None for reason in failed.value.reasons] == [True, False, True]
    assert dynamodb.get(table, third) is None
    writes(1)
    assert dynamodb.get(table, second) is None
    dynamodb.transact([dynamodb.update_write(table, first, Update().add(version=1), as_read(1))])
    assert plain(dynamodb.get(table, first) or {})["version"] == 2


def test_a_condition_and_a_text_are_not_mixed() -> None:
    with pytest.raises(TypeError):
        dynamodb.update("t", KEY, "SET n = :n", NEW)
    with pytest.raises(TypeError):
        dynamodb.update("t", KEY, Update().set(n=1), "attribute_exists(pk)")
