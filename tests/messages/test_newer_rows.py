"""Going back to the version before: its code meets rows with attributes that it does not know, as the newer one may have written them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chalicelib import clients
from chalicelib.operations import contracts, invitations, links, organisations, registrations, sessions
from chalicelib.rules.drafts.contracts import ContractDraft
from chalicelib.rules.drafts.invitations import Acceptance, InvitationDraft
from chalicelib.rules.drafts.organisations import OrganisationChanges
from chalicelib.rules.drafts.registrations import ParticipantDraft, RegistrationDraft
from chalicelib.tables.keys import joined
from tests.messages.post_office import PostOffice, Ses

UNKNOWN = {"of_the_next_version": {"M": {"what": {"S": "nobody here knows"}}}}


def write_as_the_next_version() -> None:
    """Put an attribute that is not known yet into every row that is written from now on."""

    def add(params: dict[str, Any], **_: Any) -> None:
        for put in [params, *(entry["Put"] for entry in params.get("TransactItems", []) if "Put" in entry)]:
            if "Item" in put:
                put["Item"] = put["Item"] | UNKNOWN

    clients.dynamodb().meta.events.register("provide-client-params.dynamodb", add)


def test_rows_of_the_next_version_are_read(
    tables: None, office: PostOffice, ses: Ses, now: datetime, open_session: Callable[..., Any]
) -> None:
    write_as_the_next_version()
    open_session()
    one = invitations.invite("demo", "s1", InvitationDraft(email="ana@example.org", party_size=2), by="owner", key="k", now=now).invitation
    office.work(now)
    form = Acceptance(email="ana@example.org", name="Ana", participants=[ParticipantDraft(name="Zoé"), ParticipantDraft(name="Max")])
    invitations.accept(links.invitation_token(one), form, locale="en", now=now)
    draft = RegistrationDraft(email="ben@example.org", name="Ben", participants=[ParticipantDraft(name="Léo")])
    ben = registrations.register("demo", "s1", draft, locale="en", key="b", now=now).registration
    office.work(now)
    registrations.remove_registration("demo", joined("s1", ben.id), by="owner", now=now)
    office.work(now)
    roster = sessions.read_roster("demo", "s1", now=now)
    assert ([entry.party_size for entry in roster.registrations], [entry.name for entry in roster.removed]) == ([2], ["Ben"])
    assert ses.recipients == ["ana@example.org", "ana@example.org", "ben@example.org"]
    organisations.change("demo", OrganisationChanges(from_name="Atelier"), expected=None)
    contracts.create_contract("demo", ContractDraft(name="Staff", client="Helvia", prefix="HELV"), key="c", now=now)
    assert [contract.name for contract in contracts.list_contracts("demo")] == ["Staff"]
