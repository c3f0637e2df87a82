"""Valid and invalid inputs of sessions."""

from typing import Any

import pytest

from chalicelib.rules.inputs.sessions import SessionChanges, SessionInput
from tests.rules.inputs.faults import faults_of

MEETING = {"starts_at": "2026-12-01T15:00:00Z", "ends_at": "2026-12-01T16:00:00Z"}
TIER = {"name": "Adult", "price": {"amount": 1250, "currency": "EUR"}}
FRANCS = {"name": "Swiss", "price": {"amount": 1250, "currency": "CHF"}}
SESSION = {"title": "Pottery", "meetings": [MEETING], "time_zone": "Europe/Paris", "spots_total": 10, "tiers": [TIER]}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"spots_total": 0},
        {"tiers": [TIER] * 6},
        {"meetings": [MEETING, MEETING]},
        {"meetings": [{"id": "a", **MEETING}, {"id": "b", **MEETING}]},
        {"meetings": [{**MEETING, "ends_at": "2027-01-01T15:00:00Z"}]},
        {"registration_opens_at": "2026-11-01T00:00:00Z", "registration_closes_at": "2026-11-01T00:00:01Z"},
        {"tags": ["clay"] * 20},
        {"questions": [{"label": "Level", "kind": "choice", "options": ["Red"]}]},
        {"questions": [{"label": "Allergies", "kind": "text", "required": True}]},
        {"description": "Two\nlines"},
    ],
    ids=[
        *("just enough", "no spots", "six prices", "two meetings at once", "ids that differ", "31 days", "open for a second"),
        *("twenty tags", "a choice", "a text", "a text of lines"),
    ],
)
def test_sessions_that_may_be(more: dict[str, Any]) -> None:
    assert faults_of(SessionInput, {**SESSION, **more}) == {}


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"title": " "}, "title", "empty"),
        ({"title": "a\nb"}, "title", "control_characters"),
        ({"title": "x" * 201}, "title", "string_too_long"),
        ({"meetings": []}, "meetings", "too_short"),
        ({"meetings": [{**MEETING, "ends_at": MEETING["starts_at"]}]}, "meetings.0", "ends_before_it_starts"),
        ({"meetings": [{**MEETING, "ends_at": "2027-01-01T15:00:01Z"}]}, "meetings.0", "too_long"),
        ({"meetings": [{**MEETING, "starts_at": "2026-12-01T15:00:00"}]}, "meetings.0.starts_at", "time_zone_missing"),
        ({"meetings": [{"id": "a", **MEETING}] * 2}, "", "same_id_twice"),
        ({"time_zone": "CET+1"}, "time_zone", "unknown_time_zone"),
        ({"spots_total": -1}, "spots_total", "greater_than_equal"),
        ({"tiers": []}, "tiers", "too_short"),
        ({"tiers": [TIER] * 7}, "tiers", "too_long"),
        ({"tiers": [TIER, FRANCS]}, "", "mixed_currencies"),
        ({"tiers": [{"id": "t", **TIER}] * 2}, "", "same_id_twice"),
        ({"tags": ["clay"] * 21}, "tags", "too_long"),
        ({"tags": [""]}, "tags.0", "empty"),
        ({"registration_opens_at": "2026-11-01T00:00:00Z", "registration_closes_at": "2026-11-01T00:00:00Z"}, "", "closes_before_it_opens"),
        ({"questions": [{"label": "Level", "kind": "choice"}]}, "questions.0", "options_needed"),
        ({"questions": [{"label": "Level", "kind": "choice", "options": []}]}, "questions.0", "options_needed"),
        ({"questions": [{"label": "Level", "kind": "text", "options": ["Red"]}]}, "questions.0", "options_not_expected"),
        ({"questions": [{"id": "a b", "label": "Level", "kind": "text"}]}, "questions.0.id", "string_pattern_mismatch"),
        ({"colour": "red"}, "colour", "extra_forbidden"),
    ],
)
def test_sessions_that_may_not_be(more: dict[str, Any], field: str, code: str) -> None:
    assert faults_of(SessionInput, {**SESSION, **more}) == {field: code}


@pytest.mark.parametrize("name", ["title", "meetings", "time_zone", "spots_total", "tiers", "registration_closes_at", "tags", "questions"])
def test_what_does_not_change_is_left_out_and_not_null(name: str) -> None:
    assert faults_of(SessionChanges, {}) == {}
    assert faults_of(SessionChanges, {name: None}) == {name: "null"}
    assert faults_of(SessionChanges, {name: None, "min_age": -1}) == {name: "null", "min_age": "greater_than_equal"}
