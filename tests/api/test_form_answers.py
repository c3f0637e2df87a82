"""Answers to form questions: all invalid ones are reported at once, on invitations and on public registration."""

import json
from typing import Any

import pytest

from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office

QUESTIONS = [
    {"id": "size", "label": "Size?", "kind": "choice", "required": True, "options": ["S", "M"]},
    {"id": "diet", "label": "Diet?", "kind": "text"},
    {"id": "swims", "label": "Swims?", "kind": "yes_no", "required": True},
    {"id": "age", "label": "Age?", "kind": "number"},
    {"id": "born", "label": "Born?", "kind": "date"},
]
GOOD = {"size": "M", "swims": False, "age": 8.5, "born": "2018-02-28", "diet": ""}


@pytest.mark.parametrize(
    ("answers", "faults"),
    [
        ({}, {("/answers/size", "answer_required"), ("/answers/swims", "answer_required")}),
        ({**GOOD, "size": ""}, {("/answers/size", "answer_required")}),
        ({**GOOD, "size": "XL"}, {("/answers/size", "not_a_choice")}),
        ({**GOOD, "size": True}, {("/answers/size", "not_a_choice")}),
        ({**GOOD, "swims": "yes"}, {("/answers/swims", "not_a_yes_no")}),
        ({**GOOD, "swims": 1}, {("/answers/swims", "not_a_yes_no")}),
        ({**GOOD, "age": "8"}, {("/answers/age", "not_a_number")}),
        ({**GOOD, "age": True}, {("/answers/age", "not_a_number")}),
        ({**GOOD, "born": "28.2.2018"}, {("/answers/born", "not_a_date")}),
        ({**GOOD, "born": "2018-02-30"}, {("/answers/born", "not_a_date")}),
        ({**GOOD, "born": 20180228}, {("/answers/born", "not_a_date")}),
        ({**GOOD, "born": "20180228"}, {("/answers/born", "not_a_date")}),
        ({**GOOD, "born": "2018-W09-3"}, {("/answers/born", "not_a_date")}),
        ({**GOOD, "diet": 5}, {("/answers/diet", "not_a_text")}),
        ({**GOOD, "diet": "x" * 2001}, {("/answers/diet", "not_a_text")}),
        ({**GOOD, "name": "Kim", "more": 1}, {("/answers/name", "unknown_question"), ("/answers/more", "unknown_question")}),
        ({"size": "XL"}, {("/answers/size", "not_a_choice"), ("/answers/swims", "answer_required")}),
    ],
)
def test_all_invalid_answers_are_reported_at_once(demo: Office, answers: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    invitation = json.loads(demo.kept_thing("asking", lambda: {"json": json.dumps(demo.invite(demo.session(questions=QUESTIONS)))})["json"])
    with nothing_stored():
        for answer in (demo.accept(invitation, answers=answers), demo.enrol(invitation["session"], answers=answers)):
            assert (answer.status, answer.json["code"]) == (422, "answers_do_not_fit")
            assert answer.faults == faults
