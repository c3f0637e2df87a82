"""Refusals as HTTP answers: the one table."""

from chalicelib.rules.accounts import LinkRunOut, LinkUsed, SignedOut, TooManyAttempts, WeakPassword, WrongPassword
from chalicelib.rules.codes import (
    BookedWithCode,
    CodeSpent,
    CodeUsed,
    NothingToReturn,
    OtherProduct,
    TooFewUses,
    TooManyForWidth,
    UnknownCode,
)
from chalicelib.rules.contracts import (
    ContractHasParticipants,
    ContractInUse,
    EndsBeforeItStarts,
    ParticipantExists,
    ParticipantHasCodes,
    PrefixTaken,
    PriceCodeTaken,
    TooManyContracts,
)
from chalicelib.rules.customers import CustomerExists, CustomerMerged, NotACustomer
from chalicelib.rules.discounts import (
    DiscountElsewhere,
    DiscountEnded,
    DiscountExists,
    DiscountNotYet,
    DiscountOver,
    DiscountUsedByYou,
    DiscountUsedUp,
    OneCodeOnly,
    UnknownDiscount,
)
from chalicelib.rules.groups import GroupExists, TooManyGroups
from chalicelib.rules.imports.refusals import (
    DataChanged,
    EmptyFile,
    EndlessCell,
    FileGone,
    FileTooLarge,
    HasIssues,
    MalformedCsv,
    NotCsv,
    NulCharacters,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
)
from chalicelib.rules.invitations import (
    AlreadyAccepted,
    AlreadyInvited,
    AlreadyUsed,
    ExpiresInThePast,
    InvitationOver,
    NobodyWaits,
    NotOver,
    NotPending,
    OtherAddress,
    ResentTooOften,
    SomebodyWaits,
)
from chalicelib.rules.invoices import InvoiceSettled
from chalicelib.rules.ledger import SessionFull, TooManyExtras
from chalicelib.rules.mailings import NobodyRegistered, UnknownRegistrations
from chalicelib.rules.merging import SameCustomer, TooManyAddresses
from chalicelib.rules.online_payment import BadSignature, NothingDue, OnlinePaymentOff, StripeUnavailable
from chalicelib.rules.organisations import AlreadyStaff, LastOwner, NotAllowed
from chalicelib.rules.portal_invitations import PortalAccepted
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, DoesNotFit, NotFound, Refusal, marked
from chalicelib.rules.registrations import (
    AlreadyPaid,
    AlreadyRegistered,
    AlreadyRemoved,
    AnswersDoNotFit,
    OtherCurrency,
    SameSession,
    TierNeeded,
    TooManyParticipants,
    UnknownMeeting,
    UnknownTier,
)
from chalicelib.rules.sessions import (
    BelowUse,
    ClosesBeforeItOpens,
    MixedCurrencies,
    RegistrationClosed,
    RegistrationNotOpen,
    SessionCancelled,
    SessionInUse,
    SessionPast,
)
from chalicelib.rules.waitlist import AlreadyWaiting, HasAnOffer, MoreThanTheSession, NotWaiting, SpotsAreFree, WaitlistClosed

BUSY_SECONDS = 2


class NotSignedIn(Refusal):
    code = "not_signed_in"
    sentence = marked("Sign in first: the access token is missing, wrong or has run out.")


class ForeignForm(Refusal):
    """A POST to a page from somewhere else than our own pages."""

    code = "foreign_form"
    sentence = marked("This form was not sent from our own page. Open the page again and send it from there.")


class MalformedJson(Refusal):
    code = "malformed_json"
    sentence = marked("The body is not JSON. Check its quotes, commas and brackets.")


class BodyTooLarge(Refusal):
    code = "body_too_large"
    sentence = marked("The body is larger than 256 KiB. Send less at once.")


class MethodNotAllowed(Refusal):
    code = "method_not_allowed"
    sentence = marked("This address takes other methods: %(allowed)s.")

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = ", ".join(allowed)


class UnsupportedMediaType(Refusal):
    code = "unsupported_media_type"
    sentence = marked("Send JSON, with the header Content-Type: application/json.")


class UploadTooLarge(Refusal):
    code = "upload_too_large"
    sentence = marked(
        "Files over 4 MB, up to 20 MB, are uploaded in two steps: ask for an upload first. On the page, choose “Upload a large file”."
    )


class NotAFile(Refusal):
    code = "unsupported_media_type"
    sentence = marked("Send the file as text/csv in UTF-8, as application/octet-stream, or as multipart/form-data.")


class NotUtf8(Refusal):
    """Text that was not UTF-8 has lost its letters on the way."""

    code = "not_unicode"
    sentence = marked("This file is not in UTF-8. Send it as application/octet-stream instead of text/csv, so that its letters arrive.")


class NoFile(Refusal):
    code = "no_file"
    sentence = marked("Choose a CSV file first.")


class BadCursor(Refusal):
    code = "bad_cursor"
    sentence = marked("This cursor belongs to another list or was changed. Start again from the first page.")


class KeyReused(Refusal):
    code = "idempotency_key_reused"
    sentence = marked("This Idempotency-Key was used with another request. Use a new key for a new request.")


class InProgress(Refusal):
    code = "in_progress"
    sentence = marked("The same request is still being worked on. Ask again in a few seconds.")


class BadPrecondition(Refusal):
    code = "bad_if_match"
    sentence = marked("If-Match takes one ETag, as the answer to GET gave it.")


class Invalid(DoesNotFit):
    """Bad input, seen before anything is looked up."""


STATUS: dict[type[Refusal], int] = {
    MalformedJson: 400,
    BadCursor: 400,
    BadPrecondition: 400,
    BadSignature: 400,
    NotSignedIn: 401,
    SignedOut: 401,
    WrongPassword: 401,
    ForeignForm: 403,
    NotAllowed: 403,
    OtherAddress: 403,
    NotACustomer: 404,
    NotFound: 404,
    UnknownCode: 404,
    MethodNotAllowed: 405,
    AlreadyAccepted: 409,
    AlreadyInvited: 409,
    AlreadyPaid: 409,
    AlreadyRegistered: 409,
    AlreadyRemoved: 409,
    AlreadyStaff: 409,
    AlreadyUsed: 409,
    AlreadyWaiting: 409,
    HasAnOffer: 409,
    NotWaiting: 409,
    SpotsAreFree: 409,
    WaitlistClosed: 409,
    BelowUse: 409,
    BookedWithCode: 409,
    CodeUsed: 409,
    ContractHasParticipants: 409,
    ContractInUse: 409,
    CustomerExists: 409,
    GroupExists: 409,
    SameCustomer: 409,
    TooManyAddresses: 409,
    TooManyGroups: 409,
    CustomerMerged: 410,
    DataChanged: 409,
    HasIssues: 409,
    InProgress: 409,
    InvoiceSettled: 409,
    LastOwner: 409,
    NobodyRegistered: 409,
    NobodyWaits: 409,
    NothingDue: 409,
    NothingToReturn: 409,
    NotOver: 409,
    NotPending: 409,
    ParticipantExists: 409,
    ParticipantHasCodes: 409,
    PortalAccepted: 409,
    PrefixTaken: 409,
    PriceCodeTaken: 409,
    OtherProduct: 409,
    OnlinePaymentOff: 409,
    RegistrationClosed: 409,
    RegistrationNotOpen: 409,
    SameSession: 409,
    SessionCancelled: 409,
    SessionFull: 409,
    SessionInUse: 409,
    SessionPast: 409,
    SomebodyWaits: 409,
    TooManyContracts: 409,
    TooFewUses: 409,
    TooManyExtras: 409,
    CodeSpent: 410,
    InvitationOver: 410,
    LinkRunOut: 410,
    LinkUsed: 410,
    FileGone: 410,
    ChangedMeanwhile: 412,
    BodyTooLarge: 413,
    FileTooLarge: 413,
    UploadTooLarge: 413,
    UnsupportedMediaType: 415,
    NotAFile: 415,
    AnswersDoNotFit: 422,
    MoreThanTheSession: 422,
    EmptyFile: 422,
    EndlessCell: 422,
    MalformedCsv: 422,
    NoFile: 422,
    NotCsv: 422,
    NotUtf8: 422,
    NulCharacters: 422,
    TooManyColumns: 422,
    TooManyRows: 422,
    UnknownEncoding: 422,
    ClosesBeforeItOpens: 422,
    DiscountUsedByYou: 409,
    DiscountUsedUp: 409,
    DiscountExists: 409,
    DiscountOver: 409,
    OtherCurrency: 422,
    UnknownMeeting: 422,
    DoesNotFit: 422,
    EndsBeforeItStarts: 422,
    ExpiresInThePast: 422,
    MixedCurrencies: 422,
    Invalid: 422,
    KeyReused: 422,
    TierNeeded: 422,
    TooManyForWidth: 422,
    TooManyParticipants: 422,
    UnknownRegistrations: 422,
    UnknownTier: 422,
    DiscountElsewhere: 422,
    DiscountEnded: 422,
    DiscountNotYet: 422,
    OneCodeOnly: 422,
    UnknownDiscount: 422,
    WeakPassword: 422,
    ResentTooOften: 429,
    TooManyAttempts: 429,
    Busy: 503,
    StripeUnavailable: 503,
}


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status that the refusal answers."""
    return next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)


def retry_after(refusal: Refusal) -> int | None:
    """Return after how many seconds it may be tried again, for 429 and 503."""
    if isinstance(refusal, Busy | InProgress):
        return BUSY_SECONDS
    seconds = refusal.data().get("retry_after")
    return seconds if isinstance(seconds, int) else None
