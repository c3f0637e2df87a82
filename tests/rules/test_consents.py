"""What people agreed to, in the words that they read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.consents import Consent, agreed, without_open
from chalicelib.rules.questions import AnswerValue, Question, problems

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PHOTOS = Question("photos", "You may take photos of my child.", "consent", required=True)
RULES = Question("rules", "I have read the house rules.", "consent", required=True)
DIET = Question("diet", "Diet?", "text")
FORM = (PHOTOS, DIET, RULES)
LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (True, {}),
        (None, {"photos": "consent_needed"}),
        ("", {"photos": "consent_needed"}),
        (False, {"photos": "consent_needed"}),
        ("yes", {"photos": "not_a_consent"}),
        (1, {"photos": "not_a_consent"}),
    ],
)
def test_a_consent_must_be_yes(answer: AnswerValue | None, found: dict[str, str]) -> None:
    given = {} if answer is None else {"photos": answer}
    assert problems((PHOTOS,), given) == found
    assert problems((PHOTOS,), given, open_consents=True) == {id: code for id, code in found.items() if code != "consent_needed"}


def test_a_consent_keeps_the_wording_and_the_moment() -> None:
    given = agreed(FORM, {"photos": True, "rules": True}, now=NOW)
    assert given == (Consent("photos", PHOTOS.label, NOW), Consent("rules", RULES.label, NOW))
    renamed = (replace(PHOTOS, label="We film."), RULES)
    assert agreed(renamed, {"photos": True, "rules": True}, given, now=LATER) == given


def test_a_consent_can_be_withdrawn_and_given_anew() -> None:
    given = agreed(FORM, {"photos": True, "rules": True}, now=NOW)
    withdrawn = agreed(FORM, {"photos": False, "rules": True}, given, now=LATER)
    assert [consent.question for consent in withdrawn] == ["rules"]
    assert agreed(FORM, {"photos": True, "rules": True}, withdrawn, now=LATER)[0] == Consent("photos", PHOTOS.label, LATER)


def test_a_consent_to_a_deleted_question_stays() -> None:
    given = agreed(FORM, {"photos": True, "rules": True}, now=NOW)
    assert agreed((RULES,), {"rules": True}, given, now=LATER) == (given[1], given[0])


def test_an_open_consent_has_no_answer() -> None:
    assert without_open(FORM, {"photos": False, "rules": True, "diet": ""}) == {"rules": True, "diet": ""}
