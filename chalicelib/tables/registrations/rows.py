"""The stored form of registrations."""

from chalicelib.rules.consents import Consent
from chalicelib.rules.participants import ParticipantDetails
from chalicelib.rules.registration_history import BillingChange, FamilyChange, PartyChange, Payment, Refund, Resend
from chalicelib.rules.registrations import Registration
from chalicelib.tables import keys
from chalicelib.tables.codec import PAIRS, Codec, nested
from chalicelib.tables.items import Item, item, plain

BILLING_CHANGES, PAYMENTS, PARTY_CHANGES, RESENDS = nested(BillingChange), nested(Payment), nested(PartyChange), nested(Resend)
OWN_CHANGES, REFUNDS = nested(FamilyChange), nested(Refund)
CONSENTS, DETAILS = nested(Consent), Codec(ParticipantDetails, forms={"answers": PAIRS})
REGISTRATIONS = Codec(
    Registration,
    elsewhere={"org", "session", "id"},
    always={"tier", "billing", "chunk", "send_confirmation"},
    missing={"email": ""},
    forms={"answers": PAIRS},
    inner={ParticipantDetails: DETAILS},
)


def registration_from(row: Item) -> Registration:
    values = plain(row)
    org, _, session = values["pk"].partition("#")
    return REGISTRATIONS.read(values, org=org, session=session, id=values["sk"].removeprefix(keys.REGISTRATION))


def registration_item(registration: Registration) -> Item:
    indexed = {"booker": keys.booker(registration.org, registration.email), "orders": registration.org}
    return {
        **keys.registration(registration.org, registration.session, registration.id).stored(),
        **item({**REGISTRATIONS.write(registration), **indexed}),
    }
