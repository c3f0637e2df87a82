"""Short functions for tests: a contract with its codes, and actions on them."""

from datetime import datetime
from typing import Any

from chalicelib.operations import codes
from chalicelib.operations.contracts import add_participant, create_contract, create_price
from chalicelib.rules.codes import Code, Use
from chalicelib.rules.contracts import Contract, ContractParticipant, ContractPrice
from chalicelib.rules.inputs.codes import BatchInput, ParticipantCodeInput
from chalicelib.rules.inputs.contracts import ContractInput, ContractParticipantInput, PriceInput
from chalicelib.rules.inputs.registrations import ParticipantInput as Named
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.money import Price as Amount
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes as table
from tests.live.ledger.scenario import NOW, ORG, fresh, in_organisation

SOURCE = "192.0.2.1"


def contract(**more: Any) -> Contract:
    """Create a contract with a new prefix."""
    fields = {"name": "Acme", "client": "Acme Ltd", "prefix": fresh("P").replace("-", ""), **more}
    return in_organisation(ORG, lambda: create_contract(ORG, ContractInput(**fields), key=fresh("key"), now=NOW))


def price(of: Contract, session: str = "", *, tag: str = "", amount: int = 500) -> ContractPrice:
    """Create a price for a session or a tag."""
    product = {"session": session} if session else {"tag": tag}
    draft = PriceInput(code=fresh("STD"), label="Health check", price=Amount(amount=amount, currency="EUR"), **product)
    return create_price(ORG, of.id, draft, key=fresh("key"))


def participant(of: Contract, **more: Any) -> ContractParticipant:
    draft = ContractParticipantInput(**{"client_id": fresh("client"), "name": "Kim", "email": "kim@example.org", **more})
    return add_participant(ORG, of.id, draft, key=fresh("key"))


def batch(of: ContractPrice, quantity: int = 1, *, width: int = 8, key: str = "", now: datetime = NOW, **more: Any) -> codes.IssuedBatch:
    draft = BatchInput(quantity=quantity, width=width, price=of.id, **more)
    return codes.generate_codes(ORG, of.contract, draft, by="staff", key=key or fresh("key"), now=now)


def code_for(session: str, *, uses: int = 1, **more: Any) -> str:
    """Create a code with `uses` uses for this session."""
    return batch(price(contract(), session), max_redemptions=uses, **more).codes[0].code


def issued(to: ContractParticipant, at: ContractPrice, *, key: str = "", width: int = 8) -> Code:
    draft = ParticipantCodeInput(width=width, price=at.id)
    return codes.issue_code(ORG, to.contract, to.id, draft, key=key or fresh("key"), now=NOW)[1]


def booked(
    session: str, code: str, *, email: str = "", party: int = 1, key: str = "", source: str = SOURCE, now: datetime = NOW
) -> Registration:
    draft = RegistrationInput(
        email=email or f"{fresh('client')}@example.org",
        name="Ana",
        participants=[Named(name="Kim")],
        party_size=party,
        invitation_code=code,
    )
    return codes.book(ORG, session, draft, locale="en", key=key or fresh("key"), source=source, now=now)[0]


def seen(code: str) -> Code:
    return table.get(ORG, code)


def uses_of(code: str) -> dict[str, Use]:
    return dict(seen(code).uses)
