"""Going back to the version before: its code meets rows with attributes that it does not know, as the newer one may have written them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib import clients
from chalicelib.operations import contracts, invitations, links, organisations, registrations, sessions
from chalicelib.rules.inputs.contracts import ContractInput
from chalicelib.rules.inputs.invitations import AcceptInput, InvitationInput
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.inputs.registrations import ParticipantInput, RegistrationInput
from chalicelib.rules.refs import public_id
from tests.operations.simulated_aws import Ses, Streams

UNKNOWN = {"of_the_next_version": {"M": {"what": {"S": "nobody here knows"}}}}


def write_as_the_next_version() -> None:
    """Put an attribute that is not known yet into every row that is written from now on."""

    def add(params: dict[str, Any], **_: Any) -> None:
        for put in [params, *(entry["Put"] for entry in params.get("TransactItems", []) if "Put" in entry)]:
            if "Item" in put:
                put["Item"] = put["Item"] | UNKNOWN

    clients.dynamodb().meta.events.register("provide-client-params.dynamodb", add)


def test_rows_of_the_next_version_are_read(
    tables: None, streams: Streams, ses: Ses, now: datetime, open_session: Callable[..., Any]
) -> None:
    write_as_the_next_version()
    open_session()
    one = invitations.invite("demo", "s1", InvitationInput(email="ana@example.org", party_size=2), by="owner", key="k", now=now).invitation
    streams.drain(now)
    form = AcceptInput(email="ana@example.org", name="Ana", participants=[ParticipantInput(name="Zoé"), ParticipantInput(name="Max")])
    invitations.accept(links.invitation_token(one), form, locale="en", now=now)
    draft = RegistrationInput(email="ben@example.org", name="Ben", participants=[ParticipantInput(name="Léo")])
    ben = registrations.register("demo", "s1", draft, locale="en", key="b", now=now).registration
    streams.drain(now)
    registrations.remove_registration("demo", public_id("s1", ben.id), by="owner", now=now)
    streams.drain(now)
    roster = sessions.read_roster("demo", "s1", now=now)
    assert ([entry.party_size for entry in roster.registrations], [entry.name for entry in roster.removed]) == ([2], ["Ben"])
    assert ses.recipients == ["ana@example.org", "ana@example.org", "ben@example.org"]
    organisations.change("demo", OrganisationChanges(from_name="Atelier"), expected=None)
    contracts.create_contract("demo", ContractInput(name="Staff", client="Helvia", prefix="HELV"), key="c", now=now)
    assert [contract.name for contract in contracts.list_contracts("demo")] == ["Staff"]
