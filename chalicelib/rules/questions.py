"""The custom form of a session: its questions, and whether answers fit them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from chalicelib.rules.translation import N_

DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
"""Year, month and day: Python reads more that is a date to ISO 8601, and to few people."""
QuestionKind = Literal["text", "choice", "yes_no", "number", "date", "consent"]
"""A `consent` is a statement that must be agreed to: its label is the wording."""
AnswerValue = str | bool | int | float
QuestionScope = Literal["party", "participant"]
"""Whether a question is asked once for a party, or for each of its participants."""
MISFITS = {
    "unknown_question": N_("There is no such question. Leave it out."),
    "answer_required": N_("Please answer this question."),
    "not_a_number": N_("Write a number, such as 8 or 8.5."),
    "not_a_date": N_("Choose a date."),
    "not_a_choice": N_("Choose one of the answers."),
    "not_a_yes_no": N_("Answer with yes or no."),
    "consent_needed": N_("Tick the box to agree. Without it we can’t register you."),
    "not_a_consent": N_("Tick the box to agree. Without it we can’t register you."),
    "not_a_text": N_("Write a shorter answer, of at most 2,000 characters."),
}
"""The sentences of the codes that `problems` returns."""


@dataclass(frozen=True, slots=True)
class Question:
    id: str
    label: str
    kind: QuestionKind
    required: bool = False
    options: tuple[str, ...] = ()
    at_door: bool = False
    """Whether staff see the answer when they take attendance."""
    per: QuestionScope = "party"


def of_party(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions that are asked once."""
    return tuple(question for question in questions if question.per == "party")


def of_each(questions: Sequence[Question]) -> tuple[Question, ...]:
    """Return the questions that are asked for each participant."""
    return tuple(question for question in questions if question.per == "participant")


def problems(questions: Sequence[Question], answers: Mapping[str, AnswerValue], *, open_consents: bool = False) -> dict[str, str]:
    """Return the faults of the answers, question id → code; empty when all answers are valid.

    `open_consents`: consents may stay open, since staff answer for somebody who can agree later.
    """
    known = {question.id for question in questions}
    found = {name: "unknown_question" for name in answers if name not in known}
    for question in questions:
        code = _problem(question, answers.get(question.id), open_consents=open_consents)
        if code:
            found[question.id] = code
    return found


def is_agreed(question: Question, answer: AnswerValue | None) -> bool:
    """Whether the question is a consent that was given."""
    return question.kind == "consent" and answer is True


def _problem(question: Question, answer: AnswerValue | None, *, open_consents: bool) -> str | None:
    if question.kind == "consent" and answer in (None, "", False):
        return None if open_consents else "consent_needed"
    if answer is None or answer == "":
        return "answer_required" if question.required else None
    return None if _fits(question, answer) else f"not_a_{question.kind}"


def _fits(question: Question, answer: AnswerValue) -> bool:
    match question.kind:
        case "yes_no":
            return isinstance(answer, bool)
        case "consent":
            return answer is True
        case "number":
            return isinstance(answer, int | float) and not isinstance(answer, bool)
        case "choice":
            return answer in question.options
        case "date":
            return isinstance(answer, str) and is_date(answer)
        case "text":
            return isinstance(answer, str) and len(answer) <= 2000


def is_date(text: str) -> bool:
    """Whether a text is a day: year, month and day."""
    if not DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
