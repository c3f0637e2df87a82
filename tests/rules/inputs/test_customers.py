"""Valid and invalid inputs of customers, groups and portal invitations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from chalicelib.rules.inputs.auth import SignUpInput
from chalicelib.rules.inputs.customers import COLUMNS, CustomerChanges, CustomerInput
from chalicelib.rules.inputs.groups import GroupInput
from chalicelib.rules.inputs.portal_account import ProfileChanges
from chalicelib.rules.inputs.portal_invitations import AudienceInput
from chalicelib.rules.portal_invitations import Audience
from tests.rules.inputs.faults import faults_of

ANA = {"name": "Ana", "email": "ana@example.org"}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, {}),
        ({"fields": {"Level": "blue", "Size": ""}}, {}),
        ({"participants": [{"name": "Kim", "date_of_birth": "2019-02-28"}]}, {}),
        ({"fields": {"Level": "blue", "LEVEL": "red"}}, {"fields": "same_name_twice"}),
        ({"fields": {"phone": "1"}}, {"fields": "reserved_name"}),
        ({"fields": {" ": "1"}}, {"fields. .[key]": "empty"}),
        ({"fields": {f"f{number}": "" for number in range(41)}}, {"fields": "too_long"}),
        ({"participants": [{"name": "Kim"}] * 51}, {"participants": "too_long"}),
        ({"participants": [{"name": "Kim", "age": 7}]}, {"participants.0.age": "extra_forbidden"}),
        ({"email": "ana"}, {"email": "not_an_address"}),
    ],
    ids=[
        *("just enough", "own fields", "a child", "one name twice", "a name that every customer has", "a field without name"),
        *("too many fields", "too many children", "an unknown detail", "no address"),
    ],
)
def test_a_customer(more: dict[str, Any], found: dict[str, str]) -> None:
    assert faults_of(CustomerInput, {**ANA, **more}) == found


@pytest.mark.parametrize("model", [CustomerInput, CustomerChanges, SignUpInput, ProfileChanges], ids=lambda model: model.__name__)
@pytest.mark.parametrize(("days", "refused"), [(-3_000, False), (0, False), (2, True), (400, True)])
def test_a_date_of_birth_is_not_in_the_future(model: type[BaseModel], days: int, refused: bool) -> None:
    born = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    found = faults_of(model, {**ANA, "participants": [{"name": "Kim", "date_of_birth": born}]})
    assert (found.get("participants.0.date_of_birth") == "in_the_future") is refused


@pytest.mark.parametrize("column", COLUMNS)
def test_no_field_is_called_as_a_column_of_the_table(column: str) -> None:
    assert faults_of(CustomerInput, {**ANA, "fields": {column.upper(): "x"}}) == {"fields": "reserved_name"}


@pytest.mark.parametrize("name", ["name", "email", "phone", "participants", "groups", "fields"])
def test_what_does_not_change_is_left_out_and_not_null(name: str) -> None:
    assert faults_of(CustomerChanges, {name: None}) == {name: "null"}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Year 3", {}),
        ("Year 3; blue", {"name": "semicolon"}),
        (" ", {"name": "empty"}),
        ("a\nb", {"name": "control_characters"}),
        ("x" * 101, {"name": "string_too_long"}),
    ],
    ids=["a name", "a semicolon", "empty", "two lines", "too long"],
)
def test_a_name_of_a_group(name: str, found: dict[str, str]) -> None:
    assert faults_of(GroupInput, {"name": name}) == found


@pytest.mark.parametrize(
    ("sent", "audience"),
    [
        ({"all": True}, Audience()),
        ({"group": "g1"}, Audience(group="g1")),
        ({"status": ["added", "invited"]}, Audience(statuses=("added", "invited"))),
    ],
    ids=["everybody", "a group", "by status"],
)
def test_an_audience_is_named_in_one_way(sent: dict[str, Any], audience: Audience) -> None:
    assert AudienceInput.model_validate(sent).audience == audience


@pytest.mark.parametrize(
    "sent", [{}, {"all": True, "group": "g1"}, {"group": "g1", "status": ["added"]}], ids=["none", "two", "two others"]
)
def test_an_audience_is_not_named_in_two_ways(sent: dict[str, Any]) -> None:
    assert faults_of(AudienceInput, sent) == {"": "one_audience"}
