"""Whether answers fit the questions of a session's form."""

import pytest

from chalicelib.rules.questions import AnswerValue, Question, QuestionKind, problems

OPTIONS = ("Red", "Blue")


def ask(kind: QuestionKind, required: bool = False) -> tuple[Question, ...]:
    return (Question("q", "A question", kind, required, OPTIONS if kind == "choice" else ()),)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("text", "Nuts"),
        ("text", "x" * 2000),
        ("choice", "Red"),
        ("yes_no", True),
        ("yes_no", False),
        ("number", 0),
        ("number", -3),
        ("number", 1.5),
        ("date", "2019-02-28"),
        ("date", "2020-02-29"),
    ],
)
@pytest.mark.parametrize("required", [True, False], ids=["required", "optional"])
def test_answers_that_fit(kind: QuestionKind, answer: AnswerValue, required: bool) -> None:
    assert problems(ask(kind, required), {"q": answer}) == {}


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("text", "x" * 2001),
        ("text", 5),
        ("text", True),
        ("choice", "red"),
        ("choice", "Green"),
        ("choice", True),
        ("yes_no", "yes"),
        ("yes_no", 1),
        ("number", "5"),
        ("number", True),
        ("date", "28.02.2019"),
        ("date", "2019-02-29"),
        ("date", "20190228"),
        ("date", "2019-W09-4"),
        ("date", "2019-02-28T00:00:00Z"),
        ("date", "٢٠١٩-02-28"),
        ("date", 2019),
    ],
)
def test_answers_that_do_not_fit(kind: QuestionKind, answer: AnswerValue) -> None:
    assert problems(ask(kind), {"q": answer}) == {"q": f"not_a_{kind}"}


@pytest.mark.parametrize("kind", ["text", "choice", "yes_no", "number", "date"])
@pytest.mark.parametrize("answers", [{}, {"q": ""}], ids=["left out", "left empty"])
def test_only_a_required_question_must_be_answered(kind: QuestionKind, answers: dict[str, AnswerValue]) -> None:
    assert problems(ask(kind, required=True), answers) == {"q": "answer_required"}
    assert problems(ask(kind), answers) == {}


def test_every_problem_is_told_at_once() -> None:
    form = (Question("a", "Allergies", "text", required=True), Question("b", "Age", "number"), Question("c", "Level", "text"))
    assert problems(form, {"b": "nine", "c": "blue", "z": "?"}) == {
        "a": "answer_required",
        "b": "not_a_number",
        "z": "unknown_question",
    }


def test_a_form_without_questions_takes_no_answers() -> None:
    assert problems((), {}) == {}
    assert problems((), {"q": "x"}) == {"q": "unknown_question"}
