"""Consents: what people agreed to when they registered, in the words that they read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.rules.questions import AnswerValue, Question, is_agreed


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that was given. Its wording stays as it was, whatever becomes of the question."""

    question: str
    wording: str
    agreed_at: datetime


def agreed(
    questions: Sequence[Question], answers: Mapping[str, AnswerValue], before: Sequence[Consent] = (), *, now: datetime
) -> tuple[Consent, ...]:
    """Return the consents that the answers give, in the order of the questions.

    One that was given `before` keeps its wording and its moment, one to a question that is asked no more stays as history, and one whose
    answer is yes no longer is withdrawn.
    """
    known, current = {consent.question: consent for consent in before}, {question.id for question in questions}
    given = [question for question in questions if is_agreed(question, answers.get(question.id))]
    agreed_before = [known.get(question.id) or Consent(question.id, question.label, now) for question in given]
    return (*agreed_before, *(consent for consent in before if consent.question not in current))


def without_open(questions: Sequence[Question], answers: Mapping[str, AnswerValue]) -> dict[str, AnswerValue]:
    """Return the answers without those to consents that were not given: an open consent has no answer."""
    consents = {question.id for question in questions if question.kind == "consent"}
    return {id: answer for id, answer in answers.items() if id not in consents or answer is True}
