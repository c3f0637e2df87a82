"""The details of the participants of a registration, beside their names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chalicelib.rules.consents import Consent, agreed, without_open
from chalicelib.rules.questions import AnswerValue, Question, of_each, of_party, problems

Answers = Mapping[str, AnswerValue]


@dataclass(frozen=True, slots=True)
class ParticipantDetails:
    """The answers about one participant, the consents among them, and the date of birth, which is empty where it was not asked."""

    answers: tuple[tuple[str, AnswerValue], ...] = ()
    consents: tuple[Consent, ...] = ()
    date_of_birth: str = ""


UNKNOWN = ParticipantDetails()


class GivenAnswers(NamedTuple):
    """The answers of a form: for the party, and for participants by their place in it. None for a part that the form leaves out."""

    party: Answers | None
    each: Mapping[int, Answers]


def answer_problems(questions: Sequence[Question], given: GivenAnswers, *, open_consents: bool = False) -> dict[str, str]:
    """Return the faults of the answers, pointer to the answer → code; empty when all answers are valid."""
    of_the_party, each = of_party(questions), of_each(questions)
    party = problems(of_the_party, given.party, open_consents=open_consents) if given.party is not None else {}
    found = {f"/answers/{id}": code for id, code in party.items()}
    for index, answers in given.each.items():
        faults = problems(each, answers, open_consents=open_consents)
        found |= {f"/participants/{index}/answers/{id}": code for id, code in faults.items()}
    return found


def answered(questions: Sequence[Question], answers: Answers, before: ParticipantDetails = UNKNOWN, *, now: datetime) -> ParticipantDetails:
    """Return the details of a participant with these answers. Consents given `before` keep their wording and moment."""
    each = of_each(questions)
    given, consents = tuple(without_open(each, answers).items()), agreed(each, answers, before.consents, now=now)
    return ParticipantDetails(given, consents, before.date_of_birth)


def compact(details: Sequence[ParticipantDetails]) -> tuple[ParticipantDetails, ...]:
    """Return the details as a registration keeps them: none at all when nothing is known of anybody."""
    return tuple(details) if any(one != UNKNOWN for one in details) else ()


def carried(answers: Answers, before: Sequence[Question], questions: Sequence[Question]) -> dict[str, AnswerValue]:
    """Return answers to the questions of the session `before` as answers of another one, which asks the same with the same words."""
    ids = _same(before, questions)
    moved = {ids[id]: answer for id, answer in answers.items() if id in ids}
    return {id: answer for id, answer in moved.items() if id not in problems(questions, moved, open_consents=True)}


def carried_consents(consents: Sequence[Consent], before: Sequence[Question], questions: Sequence[Question]) -> tuple[Consent, ...]:
    """Return the consents for another session. One that it does not ask for stays as history, of no question."""
    ids = _same(before, questions)
    return tuple(Consent(ids.get(consent.question, ""), consent.wording, consent.agreed_at) for consent in consents)


def _same(before: Sequence[Question], questions: Sequence[Question]) -> dict[str, str]:
    """Return the ids of the same questions on another session."""
    ids = {(question.label, question.kind, question.per): question.id for question in questions}
    named = {question.id: ids.get((question.label, question.kind, question.per)) for question in before}
    return {id: other for id, other in named.items() if other}
