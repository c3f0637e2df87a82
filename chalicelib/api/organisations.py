"""An organisation's settings."""

from datetime import time
from typing import Annotated, Literal

from pydantic import PlainSerializer

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.session_shapes import PictureOut
from chalicelib.api.shapes import Moment
from chalicelib.languages import Locale
from chalicelib.operations import organisations
from chalicelib.rules.inputs.organisations import OrganisationChanges
from chalicelib.rules.invitations import Forwarding
from chalicelib.rules.organisation_refusals import PayingOnlineNeedsKeys
from chalicelib.rules.organisations import Organisation, PublicBilling
from chalicelib.rules.pictures import LOGO
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.web.audience import Staff

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
    date_reminder_hours: int
    """How many hours before each date those registered get a reminder; 0 for none."""
    quiet_hours: QuietHoursOut | None
    forwarding: Forwarding
    waitlist: WaitlistOut
    sibling_discount: SiblingDiscountOut | None
    cancel_until_hours: int | None
    """So many hours before a date families may cancel by themselves; null for never."""
    self_service_moves: bool
    """Whether families may move a booking to another session of the same series or with a tag in common."""
    public_billing: PublicBilling
    """`online`: public bookings that cost something are held until they are paid. It needs both keys of the Stripe account."""
    address: str
    """The postal address, on several lines, printed on invoices."""
    vat_number: str
    vat_rate: float
    payment_instructions: str
    accent: str
    embed_origins: list[str]
    """The sites that may show the public pages in a frame: their origins, such as https://www.example.org."""
    logo: PictureOut | None
    online_payment: bool
    """Whether invoices can be paid online: both keys of the organisation's Stripe account are set."""
    support_until: Moment | None
    """Until then the operator of this deployment may look at everything, to help; null while no owner allows it."""
    created_at: Moment

    @classmethod
    def of(cls, organisation: Organisation) -> "OrganisationOut":
        facts = {name: getattr(organisation, name) for name in cls.model_fields}
        return cls.model_validate({**facts, "logo": PictureOut.of(organisation.org, LOGO, organisation.logo)})


def _response(organisation: Organisation) -> ApiResponse:
    return ApiResponse(200, OrganisationOut.of(organisation), etag(organisation.version))


@endpoint("GET", "/v1/orgs/{org}", id="organisations.read_organisation", who=Staff("read"), gives={200: OrganisationOut})
def read_organisation(request: Request[None]) -> ApiResponse:
    """Read the settings."""
    return _response(organisations.read(request.org))


@endpoint(
    "PATCH",
    "/v1/orgs/{org}",
    id="organisations.change_organisation",
    who=Staff("manage_settings"),
    takes=OrganisationChanges,
    gives={200: OrganisationOut},
    refuses=(PayingOnlineNeedsKeys, ChangedMeanwhile),
)
def change_organisation(request: Request[OrganisationChanges]) -> ApiResponse:
    """Change the settings that are sent; null turns off quiet hours or the sibling discount, and removes a key."""
    return _response(organisations.change(request.org, request.body, expected=expected(request.call), now=request.call.now))
