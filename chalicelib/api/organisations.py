"""An organisation's settings."""

from datetime import time
from typing import Annotated, Literal

from pydantic import PlainSerializer

from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import Moment
from chalicelib.operations import organisations
from chalicelib.rules.drafts.organisations import OrganisationChanges
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.organisations import Locale, Organisation
from chalicelib.rules.refusals import ChangedMeanwhile

LocalTime = Annotated[time, PlainSerializer(lambda value: value.isoformat("minutes"), return_type=str)]


class QuietHoursOut(Out):
    starts: LocalTime
    ends: LocalTime


class WaitlistOut(Out):
    mode: Literal["strict", "skip_to_fit"]
    auto_offer: bool
    offer_hours: int
    cutoff_hours: int


class SiblingDiscountOut(Out):
    from_nth: int
    percent: int


class OrganisationOut(Out):
    org: str
    name: str
    from_name: str
    reply_to: str
    locale: Locale
    time_zone: str
    currency: str
    invitation_days: int
    reminder_days: list[int]
    quiet_hours: QuietHoursOut | None
    forwarding: Forwarding
    waitlist: WaitlistOut
    sibling_discount: SiblingDiscountOut | None
    public_billing: Literal["later", "invoice"]
    address: str
    """Postal, several lines: what invoices show."""
    vat_number: str
    vat_rate: float
    payment_instructions: str
    accent: str
    online_payment: bool
    """Whether invoices can be paid online: both keys of the organisation's Stripe account are there."""
    created_at: Moment

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationOut":
        return cls.model_validate(organisation, from_attributes=True)


def _answer(organisation: Organisation) -> Answer:
    return Answer(200, OrganisationOut.of(organisation), etag(organisation.version))


@endpoint("GET", "/v1/orgs/{org}", who=Staff("viewer"), gives={200: OrganisationOut})
def read_organisation(request: Request[None]) -> Answer:
    """Read the settings."""
    return _answer(organisations.read(request.org))


@endpoint(
    "PATCH", "/v1/orgs/{org}", who=Staff("owner"), takes=OrganisationChanges, gives={200: OrganisationOut}, refuses=(ChangedMeanwhile,)
)
def change_organisation(request: Request[OrganisationChanges]) -> Answer:
    """Change what is named of the settings; null turns quiet hours and the sibling discount off, and drops a key."""
    return _answer(organisations.change(request.org, request.body, expected=expected(request.call)))
