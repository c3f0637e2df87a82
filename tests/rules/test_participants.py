"""What is known of single participants, and how answers follow a booking to another session."""

from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.rules.consents import Consent
from chalicelib.rules.participants import (
    UNKNOWN,
    GivenAnswers,
    ParticipantDetails,
    answer_problems,
    answered,
    carried,
    carried_consents,
    compact,
)
from chalicelib.rules.questions import Question
from tests.samples import REGISTRATION

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HEARD = Question("heard", "How did you hear of us?", "text", required=True)
NUTS = Question("nuts", "Allergies?", "text", required=True, per="participant")
PHOTOS = Question("photos", "Photos are fine.", "consent", required=True, per="participant")
FORM = (HEARD, NUTS, PHOTOS)
ZOE = ParticipantDetails((("nuts", "none"), ("photos", True)), (Consent("photos", PHOTOS.label, NOW),))


def test_every_answer_is_checked_where_it_belongs() -> None:
    given = GivenAnswers({"nuts": "none"}, {0: {"nuts": "none", "photos": True}, 2: {"heard": "a friend", "nuts": ""}})
    assert answer_problems(FORM, given) == {
        "/answers/heard": "answer_required",
        "/answers/nuts": "unknown_question",
        "/participants/2/answers/heard": "unknown_question",
        "/participants/2/answers/nuts": "answer_required",
        "/participants/2/answers/photos": "consent_needed",
    }
    assert answer_problems(FORM, GivenAnswers(None, {})) == {}


def test_details_are_kept_with_the_place_of_the_participant() -> None:
    assert answered(FORM, {"nuts": "none", "photos": True}, now=NOW) == ZOE
    known = replace(REGISTRATION, answers=(("heard", "a friend"),), participant_details=(UNKNOWN, ZOE))
    assert known.answers_at(1) == {"heard": "a friend", "nuts": "none", "photos": True}
    assert known.answers_at(0) == known.answers_at(7) == {"heard": "a friend"}
    assert (known.details_of("LÉO martin"), known.details_of("Max")) == (ZOE, None)


def test_nothing_known_is_nothing_kept() -> None:
    assert compact([UNKNOWN, UNKNOWN]) == ()
    assert compact([UNKNOWN, ZOE]) == (UNKNOWN, ZOE)


def test_answers_follow_to_a_session_that_asks_the_same() -> None:
    there = (
        Question("q1", HEARD.label, "text"),
        Question("heard", "Shoe size?", "number"),
        replace(PHOTOS, id="p", label="Films are fine."),
    )
    assert carried({"heard": "a friend", "nuts": "none"}, FORM, there) == {"q1": "a friend"}
    assert carried_consents(ZOE.consents, FORM, there) == (Consent("", PHOTOS.label, NOW),)
    assert carried_consents(ZOE.consents, FORM, (replace(PHOTOS, id="p"),)) == (Consent("p", PHOTOS.label, NOW),)


def test_an_answer_that_does_not_fit_there_stays_behind() -> None:
    here, there = Question("size", "Size?", "choice", options=("S", "M")), Question("size", "Size?", "choice", options=("M", "L"))
    assert carried({"size": "S"}, (here,), (there,)) == {}
    assert carried({"size": "M"}, (here,), (there,)) == {"size": "M"}
