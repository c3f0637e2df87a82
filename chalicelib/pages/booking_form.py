"""The public registration form, for an open session or with an invitation."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from chalicelib.operations import portal_account
from chalicelib.pages import forms
from chalicelib.pages.visit import Visit
from chalicelib.rules.ages import AgeToConfirm, Person, age_faults
from chalicelib.rules.auth import TooManyAttempts
from chalicelib.rules.customers import Customer
from chalicelib.rules.discounts import DiscountRefused
from chalicelib.rules.invitations import InvitationForOtherAddress
from chalicelib.rules.numbers import whole_number
from chalicelib.rules.questions import MISFITS, AnswerValue, Question, is_date, of_each, of_party, problems
from chalicelib.rules.refusals import Refusal
from chalicelib.rules.registration_refusals import PriceNotShown, TierNeeded, UnknownTier
from chalicelib.rules.registrations import Registration, same_participant
from chalicelib.rules.sessions import Session
from chalicelib.rules.translation import N_

NAME_FIELD = re.compile(r"participants/\d+/name")
YES_NO = {"yes": True, "no": False}
TICKED = "true"
FIELDS = {"participants": "participants/0/name"}
"""The field that shows a fault of a whole group of fields."""
FIELD_OF: dict[type[Refusal], str] = {InvitationForOtherAddress: "email", TierNeeded: "tier", UnknownTier: "tier"}
TOO_MANY_WRONG = N_("Too many wrong codes came from here. Leave the code out to book at the full price, or try again in a few minutes.")
SHOWN_FOR = "shown_for"
"""The field with the party size that the price on the page is for."""
WANTED = "price"
"""The value of the button that shows the price without booking."""


def filled_in(customer: Customer | None, session_id: str) -> dict[str, str]:
    """Return the fields that are prefilled for a signed-in customer: name, e-mail address, and an only child; none without a customer."""
    if customer is None:
        return {}
    children = portal_account.my_participants(customer, session_id)
    only_child = {"participants/0/name": children[0]} if len(children) == 1 else {}
    return {"name": customer.name, "email": customer.email, **only_child}


def people(customer: Customer | None, session_id: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form's part about participants needs: the signed-in customer's children to tick, whose date of birth is known,
    and the party size."""
    children = portal_account.my_participants(customer, session_id) if customer else []
    return {"children": children, "births": births_of(customer), "party_size": party_of(typed)}


def births_of(customer: Customer | None) -> dict[str, str]:
    """Return the dates of birth that are known of a customer's children, by name."""
    return {child.name: child.date_of_birth for child in customer.participants if child.date_of_birth} if customer else {}


def with_births(typed: Mapping[str, str], customer: Customer | None, session: Session) -> dict[str, str]:
    """Return the fields of a form with the known dates of birth of a signed-in customer's children, which the form does not ask for."""
    if not session.ages:
        return dict(typed)
    known = {same_participant(name): born for name, born in births_of(customer).items()}
    numbers = forms.row_numbers(typed, "participants", ("name",))
    born = {f"participants/{row}/date_of_birth": known.get(same_participant(typed[f"participants/{row}/name"]), "") for row in numbers}
    return {**{name: value for name, value in born.items() if value}, **{name: value for name, value in typed.items() if value}}


def age_sentences(visit: Visit, session: Session, values: Mapping[str, Any]) -> dict[str, str]:
    """Return a sentence for each participant whose age on the day does not fit, by field."""
    named = [(values[name], values.get(name.removesuffix("name") + "date_of_birth", "")) for name in values if NAME_FIELD.fullmatch(name)]
    people = [Person(name, born if is_date(born) else "") for name, born in named]
    found = age_faults(session, people, visit.call.now)
    unreadable = {f"participants/{index}/date_of_birth" for index, (_, born) in enumerate(named) if born and not is_date(born)}
    return {one.field: visit.gettext(one.sentence) % one._asdict() for one in found if one.field not in unreadable}


def values_of(
    typed: Mapping[str, str], session: Session, *, priced: bool = False, by_staff: bool = False
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of a booking form, with typed answers converted for their questions, and the faults of answers and tier.

    `priced` means that an invitation or a code has fixed the price, so that no tier is chosen. `by_staff`: consents may stay open.
    """
    values: dict[str, Any] = {name: typed.get(name, "").strip() for name in ("email", "name")}
    people, faults = participants_of(typed, session, by_staff=by_staff)
    values["answers"], wrong = _answers(typed, of_party(session.questions), by_staff=by_staff)
    values |= people
    faults |= {f"answers/{id}": sentence for id, sentence in wrong.items()}
    if not priced and len(session.tiers) > 1:
        values["tier"] = typed.get("tier", "")
        faults |= {} if values["tier"] else {"tier": TierNeeded.sentence}
    return values, faults


def participants_of(typed: Mapping[str, str], session: Session, *, by_staff: bool = False) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the participants of a form, with the answers about each of them, and the faults of these answers."""
    questions, values, faults = of_each(session.questions), dict[str, Any](), dict[str, str]()
    for number, row in enumerate(participant_rows(typed)):
        prefix = f"participants/{number}"
        values[f"{prefix}/name"] = row["name"]
        if session.ages:
            values[f"{prefix}/date_of_birth"] = row.get("date_of_birth", "").strip()
        if questions:
            values[f"{prefix}/answers"], wrong = _answers(row, questions, by_staff=by_staff)
            faults |= {f"{prefix}/answers/{id}": sentence for id, sentence in wrong.items()}
    return values, faults


def participant_rows(typed: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the named participants of a form, each with every field about them."""
    fields = (name.split("/", 2) for name in typed if name.startswith("participants/"))
    parts = {rest[0] for _, _, *rest in fields if rest} - {"name"}
    return forms.rows(typed, "participants", ("name",), chosen=sorted(parts))


def _answers(typed: Mapping[str, str], questions: Sequence[Question], *, by_staff: bool) -> tuple[dict[str, AnswerValue], dict[str, str]]:
    """Return the answers to these questions in their types, and a sentence for each invalid one, by question."""
    answers = {question.id: _answer(question, typed.get(f"answers/{question.id}", "").strip()) for question in questions}
    found = problems(questions, answers, open_consents=by_staff)
    return {id: answer for id, answer in answers.items() if answer != ""}, {id: MISFITS[code] for id, code in found.items()}


def participant_fields(registration: Registration, session: Session) -> dict[str, str]:
    """Return the participants of a registration, with the answers about each of them, as fields of a form."""
    fields: dict[str, str] = {}
    for index, name in enumerate(registration.participants):
        prefix, given = f"participants/{index}", registration.answers_at(index)
        about = [(question.id, given[question.id]) for question in of_each(session.questions) if question.id in given]
        fields[f"{prefix}/name"] = name
        fields[f"{prefix}/date_of_birth"] = registration.details_at(index).date_of_birth
        fields |= {f"{prefix}/{field}": value for field, value in answered(about, session.questions).items()}
    return fields


def answered(answers: Iterable[tuple[str, AnswerValue]], questions: Iterable[Question]) -> dict[str, str]:
    """Return stored answers as the fields of a form."""
    words, consents = {True: "yes", False: "no"}, {question.id for question in questions if question.kind == "consent"}
    shown = {id: words[value] if isinstance(value, bool) else str(value) for id, value in answers}
    return {f"answers/{id}": TICKED if id in consents else value for id, value in shown.items()}


def refused(typed: Mapping[str, str], refusal: Refusal) -> forms.Form:
    """Return the submitted form, with each fault at its field."""
    form = forms.refused(typed, refusal)
    numbers = forms.row_numbers(typed, "participants", ("name",))
    faults = {FIELDS.get(name, _as_typed(name, numbers)): sentence for name, sentence in form.faults.items()}
    if isinstance(refusal, DiscountRefused):
        faults["discount_code"] = refusal.filled
    if isinstance(refusal, TooManyAttempts):
        faults["discount_code"] = TOO_MANY_WRONG
    if type(refusal) in FIELD_OF:
        faults[FIELD_OF[type(refusal)]] = refusal.filled
    return forms.Form(typed, faults, refusal, form.key)


def age_question(visit: Visit, refusal: Refusal | None) -> str:
    """Return the question before staff add somebody whose age does not fit; empty for other refusals."""
    if not isinstance(refusal, AgeToConfirm):
        return ""
    return visit.gettext("This session is for ages %(ages)s. Age on the first date: %(participants)s. Add them anyway?") % refusal.data()


def _as_typed(name: str, numbers: Sequence[str]) -> str:
    """Return the field of a participant under the number that it has in the form, where rows may be blank and children not ticked."""
    group, _, rest = name.partition("/")
    number, _, part = rest.partition("/")
    row = whole_number(number)
    return f"participants/{numbers[row]}/{part}" if group == "participants" and row is not None and row < len(numbers) else name


def only_shows(typed: Mapping[str, str]) -> bool:
    """Whether the form asks for the price only, without a booking."""
    return typed.get("show") == WANTED


def party_of(typed: Mapping[str, str]) -> int:
    """Return the party size that the form asks for: its number field, or the number of named participants if that is higher."""
    size = whole_number(typed.get("party_size", "").strip()) or 1
    return max(size, len(names_of(typed)))


def names_of(typed: Mapping[str, str]) -> list[str]:
    """Return the names of the participants that are typed or ticked."""
    return [row["name"].strip() for row in forms.rows(typed, "participants", ("name",)) if row["name"].strip()]


def size_for_names(typed: Mapping[str, str]) -> dict[str, str]:
    """Return the party size as the field of a form whose names are more than its number; nothing for other forms."""
    names = len(names_of(typed))
    size = whole_number(typed.get("party_size", "").strip())
    return {"party_size": str(names)} if size is not None and 0 < size < names else {}


def check_shown_price(typed: Mapping[str, str]) -> None:
    """Raise PriceNotShown when names raise the party above the number that was typed, and above the one that the price is for.

    Who types a higher number knows what it costs. A form that showed no total is not checked.
    """
    shown, size = (whole_number(typed.get(name, "").strip()) for name in (SHOWN_FOR, "party_size"))
    if shown is not None and max(shown, size or 0) < len(names_of(typed)):
        raise PriceNotShown


def _answer(question: Question, text: str) -> str | bool | int | float:
    """Return the answer in the type of its question. Text that cannot be converted is returned unchanged, for `problems` to report."""
    if question.kind == "consent":
        return True if text == TICKED else ""
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
