"""A contract with its codes, and what people do with them, said as shortly as a test wants to say it."""

from datetime import datetime
from typing import Any

from chalicelib.operations import codes
from chalicelib.operations.contracts import add_participant, create_contract, create_price
from chalicelib.rules.codes import Code, Use
from chalicelib.rules.contracts import Contract, ContractParticipant, Price
from chalicelib.rules.drafts.codes import BatchDraft, ParticipantCodeDraft
from chalicelib.rules.drafts.contracts import ContractDraft, ContractParticipantDraft, PriceDraft
from chalicelib.rules.drafts.registrations import ParticipantDraft as Named
from chalicelib.rules.drafts.registrations import RegistrationDraft
from chalicelib.rules.money import Price as Amount
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.registrations import Registration
from chalicelib.tables import codes as table
from chalicelib.tables import organisations
from tests.live.ledger.scene import NOW, ORG, fresh

SOURCE = "192.0.2.1"


def contract(**more: Any) -> Contract:
    """Make a contract; its prefix is new each time."""
    organisations.create(Organisation(org=ORG, name="Studio", created_at=NOW))
    own = {"name": "Acme", "client": "Acme Ltd", "prefix": fresh("P").replace("-", ""), **more}
    return create_contract(ORG, ContractDraft(**own), key=fresh("key"), now=NOW)


def price(of: Contract, session: str = "", *, tag: str = "", amount: int = 500) -> Price:
    """Make a price of a session, or of a tag."""
    product = {"session": session} if session else {"tag": tag}
    draft = PriceDraft(code=fresh("STD"), label="Health check", price=Amount(amount=amount, currency="EUR"), **product)
    return create_price(ORG, of.id, draft, key=fresh("key"))


def participant(of: Contract, **more: Any) -> ContractParticipant:
    draft = ContractParticipantDraft(**{"client_id": fresh("client"), "name": "Kim", "email": "kim@example.org", **more})
    return add_participant(ORG, of.id, draft, key=fresh("key"))


def batch(of: Price, quantity: int = 1, *, width: int = 8, key: str = "", now: datetime = NOW, **more: Any) -> codes.Generated:
    draft = BatchDraft(quantity=quantity, width=width, price=of.id, **more)
    return codes.generate_codes(ORG, of.contract, draft, by="staff", key=key or fresh("key"), now=now)


def code_for(session: str, *, uses: int = 1, **more: Any) -> str:
    """Make a code that books this session so often."""
    return batch(price(contract(), session), max_redemptions=uses, **more).codes[0].code


def issued(to: ContractParticipant, at: Price, *, key: str = "", width: int = 8) -> Code:
    draft = ParticipantCodeDraft(width=width, price=at.id)
    return codes.issue_code(ORG, to.contract, to.id, draft, key=key or fresh("key"), now=NOW)[1]


def booked(
    session: str, code: str, *, email: str = "", party: int = 1, key: str = "", source: str = SOURCE, now: datetime = NOW
) -> Registration:
    draft = RegistrationDraft(
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
