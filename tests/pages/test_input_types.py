"""Inputs whose value their type does not allow: the value stays visible in a text field."""

from collections.abc import Callable

import pytest

from chalicelib.pages.input_types import input_type
from tests.aws import Demo
from tests.pages.browser import Browser


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ("number", "12"),
        ("number", "-1.5"),
        ("number", "1e5"),
        ("number", ""),
        ("date", "2030-02-28"),
        ("time", "17:30"),
        ("datetime-local", "2030-02-28T17:30"),
        ("email", "no address"),
    ],
)
def test_an_allowed_value_keeps_the_type(wanted: str, value: str) -> None:
    assert input_type(wanted, value) == wanted


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ("number", "²"),
        ("number", "٣"),
        ("number", "1_0"),
        ("number", " "),
        ("number", "NaN"),
        ("date", "2030-02-30"),
        ("date", "soon"),
        ("time", "5pm"),
        ("datetime-local", "tomorrow"),
    ],
)
def test_a_value_that_the_type_does_not_allow_is_shown_as_text(wanted: str, value: str) -> None:
    assert input_type(wanted, value) == "text"


def test_a_wrong_number_stays_visible_without_the_limits_of_a_number(as_role: Callable[[str], Browser], demo_org: Demo) -> None:
    page = as_role("owner").post("/o/demo/sessions/new", {"spots_total": "²"})
    assert page.status == 422
    tag = next(one for one in page.html.split("<input ") if 'name="spots_total"' in one)
    assert 'type="text"' in tag
    assert 'value="²"' in tag
    assert " min=" not in tag.partition(">")[0]
