"""The form with which the public registers: for an open session, or with an invitation."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from chalicelib.operations import mine
from chalicelib.pages import forms
from chalicelib.rules.accounts import TooManyAttempts
from chalicelib.rules.customers import Customer
from chalicelib.rules.discounts import DiscountRefused
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

LONGEST_SIZE = 4
YES_NO = {"yes": True, "no": False}
FIELDS = {"participants": "participants/0/name"}
"""Where a fault is shown that belongs to no single field."""
FIELD_OF: dict[type[Refusal], str] = {OtherAddress: "email", TierNeeded: "tier", UnknownTier: "tier"}
TOO_MANY_WRONG = marked("Too many wrong codes came from here. Leave the code out to book at the full price, or try again in a few minutes.")
WANTED = "price"
"""What the button sends that only shows the price."""


def filled_in(customer: Customer | None, session_id: str) -> dict[str, str]:
    """Return what the form need not ask a customer who has signed in."""
    if customer is None:
        return {}
    participants = forms.renumbered("participants", [{"name": name} for name in mine.my_participants(customer, session_id)])
    return {"name": customer.name, "email": customer.email, **participants}


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
    if isinstance(refusal, DiscountRefused):
        faults["discount_code"] = refusal.sentence
    if isinstance(refusal, TooManyAttempts):
        faults["discount_code"] = TOO_MANY_WRONG
    if type(refusal) in FIELD_OF:
        faults[FIELD_OF[type(refusal)]] = refusal.sentence
    return forms.Form(typed, faults, refusal, form.key)


def only_shows(typed: Mapping[str, str]) -> bool:
    """Whether somebody wants to see the price, and to book nothing yet."""
    return typed.get("show") == WANTED


def party_of(typed: Mapping[str, str]) -> int:
    """Return how many spots the form asks for: the number in it, or as many as it names participants; one when it says neither."""
    size = typed.get("party_size", "").strip()
    if size.isascii() and size.isdigit() and 0 < len(size) < LONGEST_SIZE:
        return int(size) or 1
    names = [row for row in forms.rows(typed, "participants", ("name",)) if row["name"].strip()]
    return max(1, len(names))


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
