"""The form with which the public registers: for an open session, or with an invitation."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from chalicelib.pages import forms
from chalicelib.rules.invitations import OtherAddress
from chalicelib.rules.questions import Question, problems
from chalicelib.rules.refusals import Refusal, marked
from chalicelib.rules.registrations import TierNeeded, UnknownTier
from chalicelib.rules.sessions import Session

MISFITS = {
    "answer_required": marked("Please answer this question."),
    "not_a_number": marked("Write a number, such as 8 or 8.5."),
    "not_a_date": marked("Choose a date."),
    "not_a_choice": marked("Choose one of the answers."),
    "not_a_yes_no": marked("Answer with yes or no."),
    "not_a_text": marked("Write a shorter answer, of at most 2,000 characters."),
}

YES_NO = {"yes": True, "no": False}
FIELDS = {"participants": "participants/0/name"}
"""Where a fault is shown that belongs to no single field."""
FIELD_OF: dict[type[Refusal], str] = {OtherAddress: "email", TierNeeded: "tier", UnknownTier: "tier"}


def values_of(typed: Mapping[str, str], session: Session, *, priced: bool = False) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that a form sends, answers as the questions ask for them, and what is wrong with what the session asks for.

    `priced` says that the price is fixed already, so that none needs to be chosen.
    """
    values: dict[str, Any] = {name: typed.get(name, "").strip() for name in ("email", "name")}
    values |= forms.renumbered("participants", forms.rows(typed, "participants", ("name",)))
    answers = {question.id: _answer(question, typed.get(f"answers/{question.id}", "").strip()) for question in session.questions}
    values |= {f"answers/{name}": answer for name, answer in answers.items()}
    faults = {f"answers/{name}": MISFITS[code] for name, code in problems(session.questions, answers).items()}
    if not priced and len(session.tiers) > 1:
        values["tier"] = typed.get("tier", "")
        faults |= {} if values["tier"] else {"tier": TierNeeded.sentence}
    return values, faults


def refused(typed: Mapping[str, str], refusal: Refusal) -> forms.Form:
    """Return the form as it was sent; what is about one field stands beside it."""
    form = forms.refused(typed, refusal)
    faults = {FIELDS.get(name, name): sentence for name, sentence in form.faults.items()}
    if type(refusal) in FIELD_OF:
        faults[FIELD_OF[type(refusal)]] = refusal.sentence
    return forms.Form(typed, faults, refusal, form.key)


def _answer(question: Question, text: str) -> str | bool | int | float:
    """Return the answer as the question's kind has it; one that is not, stays as it was typed."""
    if question.kind == "yes_no" and text in YES_NO:
        return YES_NO[text]
    if question.kind != "number":
        return text
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    if not isfinite(number):
        return text
    return int(number) if number.is_integer() else number
