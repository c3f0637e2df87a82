"""Invalid text in number fields: the form is shown again with the fault at the field, and no page fails.

The fields are collected from the forms of all pages, so that new ones are tested too.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

import pytest

from chalicelib.operations import codes, contracts, customers, discounts, registrations, waitlist
from chalicelib.operations import sessions as rosters
from chalicelib.pages.views import every
from chalicelib.rules.inputs.codes import BatchInput
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.inputs.customers import CustomerInput
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from tests.pages.browser import Browser

LONG = "9" * 5_000
WRONG = ["²", LONG, "1e999999", "NaN"]
"""Refused by every number field."""
ODD = ["٣", "1e5", "-1", "1_0", " ", ""]
"""Accepted by some number fields: they may be empty, or take a number of this form."""
TAG = re.compile(r"<input [^>]*>")
NAME = re.compile(r' name="([^"]+)"')
NUMERIC = re.compile(r' (?:type="number"|inputmode="(?:numeric|decimal)"|name="version"|name="reminder_days")')
EXPECTED = {
    *(
        "amount",
        "cancel_until_hours",
        "cutoff_hours",
        "date_reminder_hours",
        "every",
        "from_nth",
        "hours_before",
        "invitation_days",
        "max_age",
        "max_redemptions",
        "max_uses",
    ),
    *("max_uses_per_customer", "min_age", "offer_hours", "participants", "party_size", "percent", "position", "quantity"),
    *("reminder_days", "spots", "spots_total", "times", "value", "vat_rate", "version", "width"),
}


class Field(NamedTuple):
    path: str
    action: str
    name: str


@pytest.fixture
def owner(as_role: Callable[[str], Browser]) -> Browser:
    return as_role("owner")


@pytest.fixture
def params(
    session: Session, make_session: Callable[..., Session], invite: Callable[..., tuple[Invitation, str]], today: datetime
) -> list[dict[str, str]]:
    """Path parameters of an organisation with one resource of each kind, and of a session with an open waitlist."""
    with_question = make_session(title="Aikido", questions=[{"label": "How many years?", "kind": "number"}])
    full = make_session(title="Full", spots_total=1)
    booked = [
        registrations.register("demo", one.id, _booking(), locale="en", key=one.id, now=today).registration for one in (full, session)
    ]
    entry = waitlist.join("demo", full.id, JoinInput(email="b@example.org", name="B"), locale="en", key="b", now=today).entry
    made, _ = invite("ana@example.org")
    contract = contracts.create_contract("demo", ContractInput(name="Acme", client="Acme", prefix="acme"), key="a", now=today)
    price = contracts.create_price("demo", contract.id, PriceInput.model_validate(PRICE | {"session": session.id}), key="p")
    participant = contracts.add_participant("demo", contract.id, ContractParticipantInput(client_id="C-1", name="Ana"), key="ana")
    batch = BatchInput(quantity=1, width=10, price=price.id)
    code = codes.generate_codes("demo", contract.id, batch, by="m", key="1", now=today).codes[0].code
    discounts.create_discount("demo", DiscountInput(code="SPRING", kind="percent", value=10), key="d", now=today)
    customer = customers.create_customer("demo", CustomerInput(name="Ana", email="ana@example.org"), key="ana", now=today)
    common = {
        "org": "demo",
        "registration": f"{booked[1].session}-{booked[1].id}",
        "entry": f"{full.id}-{entry.id}",
        "invitation": f"{session.id}-{made.id}",
        "contract": contract.id,
        "price": price.id,
        "participant": participant.id,
        "customer": customer.id,
        "name": "confirmation",
        "locale": "en",
    }
    return [{**common, "session": one.id, "code": own} for one, own in ((with_question, code), (full, "SPRING"), (session, code))]


PRICE = {"code": "STAFF", "label": "Staff", "price": {"amount": 500, "currency": "EUR"}}


def _booking() -> RegistrationInput:
    return RegistrationInput(email="ben@example.org", name="Ben", participants=[ParticipantInput(name="Kim")])


def number_fields(browser: Browser, params: list[dict[str, str]]) -> list[Field]:
    """Return the number fields of every POST form on the pages with these parameters, without duplicates."""
    found: dict[tuple[str, int, str], Field] = {}
    for page in every():
        for named in params if page.method == "GET" else ():
            path = re.sub(r"{(\w+)}", lambda part, named=named: named.get(part[1], "x"), page.path)  # type: ignore[misc]
            shown = browser.get(path)
            numeric = {matched[1] for tag in TAG.findall(shown.html) if NUMERIC.search(tag) and (matched := NAME.search(tag))}
            for index, form in enumerate(shown.forms):
                names = [name for name in form.fields if name in numeric or name.startswith("answers/")]
                for name in names if (shown.status, form.method) == (200, "post") else ():
                    found.setdefault((page.path, index, name), Field(path, form.action or path, name))
    return [*found.values()]


def test_every_number_field_refuses_other_text(owner: Browser, params: list[dict[str, str]]) -> None:
    fields = number_fields(owner, params)
    assert {field.name.rpartition("/")[2] for field in fields if not field.name.startswith("answers/")} == EXPECTED
    for (path, action), names in forms_of(fields).items():
        form = owner.get(path)
        for value in WRONG:
            for together in filter(None, (names - {"version"}, names & {"version"})):
                response = owner.send(form, dict.fromkeys(together, value), action=action)
                assert response.status == 422, (path, together, value[:10])
                assert [name for name in together - {"version"} if not response.described(name)] == [], (path, value[:10])
    for field in fields:
        form = owner.get(field.path)
        for value in ODD:
            response = owner.send(form, {field.name: value}, action=field.action)
            assert response.status != 500, (field, value)
            form = form if response.status == 422 else owner.get(field.path)


def forms_of(fields: list[Field]) -> dict[tuple[str, str], set[str]]:
    """Return the names of the fields by page and form. Every wrong one of a form is described at once."""
    found: dict[tuple[str, str], set[str]] = {}
    for field in fields:
        found.setdefault((field.path, field.action), set()).add(field.name)
    return found


def test_a_row_with_an_invalid_number_is_ignored(owner: Browser, session: Session) -> None:
    path = f"/o/demo/sessions/{session.id}/edit"
    for row in ["²", "٣", LONG, "-1", ""]:
        for field in ["meetings/{}/starts_at", "tiers/{}/name", "questions/{}/label"]:
            assert owner.send(owner.get(path), {field.format(row): "x"}).status == 303, (field, row[:10])


@pytest.mark.parametrize("size", [*WRONG, *ODD])
def test_the_price_of_a_party_without_a_size_is_that_of_its_participants(size: str, visitor: Browser, session: Session) -> None:
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    names = {"participants/0/name": "Kim", "participants/1/name": "Lou"}
    response = visitor.send(page, {**names, "party_size": size, "show": "price"})
    assert (response.status, "€24.00" in response.text) == (200, True)


@pytest.mark.parametrize("version", [*WRONG, *ODD])
def test_a_link_with_an_invalid_version_is_not_found(version: str, visitor: Browser, session: Session) -> None:
    assert visitor.get(f"/activate/demo.x.{quote(version.strip())}.seal").status == 404


def test_questions_whose_ids_are_numbers_can_be_answered(visitor: Browser, make_session: Callable[..., Session]) -> None:
    session = make_session(questions=[{"id": "7", "label": "How many years?", "kind": "number"}])
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    typed = {"email": "ana@example.org", "name": "Ana", "participants/0/name": "Ana", "answers/7": "8"}
    assert visitor.send(page, typed).status == 303
    booked = next(iter(rosters.read_roster("demo", session.id, now=session.created_at).registrations))
    assert dict(booked.answers) == {"7": 8}
