"""Refusals as HTTP answers: the status of each kind, and the refusals that only the HTTP layer raises."""

from typing import ClassVar

from chalicelib.rules.auth import SignedOut, WrongCode, WrongPassword
from chalicelib.rules.imports.refusals import FileTooLarge
from chalicelib.rules.online_payment import BadSignature
from chalicelib.rules.refusals import Busy, ChangedMeanwhile, Conflict, Forbidden, Gone, Invalid, Missing, Refusal, TooOften, Unavailable
from chalicelib.rules.translation import N_

STATUS: dict[type[Refusal], int] = {
    Invalid: 422,
    Forbidden: 403,
    Missing: 404,
    Conflict: 409,
    Gone: 410,
    TooOften: 429,
    Unavailable: 503,
    # These have a more specific status than their kind.
    BadSignature: 400,
    SignedOut: 401,
    WrongCode: 401,
    WrongPassword: 401,
    ChangedMeanwhile: 412,
    FileTooLarge: 413,
}
BUSY_SECONDS = 2


class HttpRefusal(Refusal):
    """A request that is wrong as HTTP, before any rule is asked."""

    status: ClassVar[int]


class NotSignedIn(HttpRefusal):
    status = 401
    code = "not_signed_in"
    sentence = N_("Sign in first: the access token is missing, wrong or has run out.")


class ForeignForm(Forbidden):
    """A POST to a page that was not sent from one of our own pages."""

    code = "foreign_form"
    sentence = N_("This form was not sent from our own page. Open the page again and send it from there.")


class MalformedJson(HttpRefusal):
    status = 400
    code = "malformed_json"
    sentence = N_("The body is not JSON. Check its quotes, commas and brackets.")


class BodyTooLarge(HttpRefusal):
    status = 413
    code = "body_too_large"
    sentence = N_("The body is larger than 256 KiB. Send less at once.")


class MethodNotAllowed(HttpRefusal):
    status = 405
    code = "method_not_allowed"
    sentence = N_("Use one of the methods of this address: %(allowed)s.")

    def __init__(self, allowed: list[str]) -> None:
        self.allowed = ", ".join(allowed)


class UnsupportedMediaType(HttpRefusal):
    status = 415
    code = "unsupported_media_type"
    sentence = N_("Send JSON, with the header Content-Type: application/json.")


class UploadTooLarge(HttpRefusal):
    status = 413
    code = "upload_too_large"
    sentence = N_(
        "Files over 4 MB, up to 20 MB, are uploaded in two steps: ask for an upload first. On the page, choose “Upload a large file”."
    )


class NotAFile(HttpRefusal):
    status = 415
    code = "unsupported_media_type"
    sentence = N_("Send the file as text/csv in UTF-8, as application/octet-stream, or as multipart/form-data.")


class NotUtf8(Invalid):
    """An upload declared as text that is not UTF-8: API Gateway has replaced the bytes that it could not decode."""

    code = "not_unicode"
    sentence = N_("This file is not in UTF-8. Send it as application/octet-stream instead of text/csv, so that its letters arrive.")


class NoFile(Invalid):
    code = "no_file"
    sentence = N_("Choose a CSV file first.")


class BadCursor(HttpRefusal):
    status = 400
    code = "bad_cursor"
    sentence = N_("This cursor belongs to another list or was changed. Start again from the first page.")


class KeyReused(Invalid):
    code = "idempotency_key_reused"
    sentence = N_("This Idempotency-Key was used with another request. Use a new key for a new request.")


class InProgress(Conflict):
    code = "in_progress"
    sentence = N_("The same request is still being worked on. Ask again in a few seconds.")


class BadPrecondition(HttpRefusal):
    status = 400
    code = "bad_if_match"
    sentence = N_("Send ETags in If-Match as the answers to GET gave them, 20 at most.")


def status_of(refusal: Refusal | type[Refusal]) -> int:
    """Return the HTTP status of a refusal."""
    refused = refusal if isinstance(refusal, type) else type(refusal)
    if issubclass(refused, HttpRefusal):
        return refused.status
    return next(STATUS[kind] for kind in refused.__mro__ if kind in STATUS)


def retry_after(refusal: Refusal) -> int | None:
    """Return the seconds to wait before a retry, for 429 and 503; else None."""
    if isinstance(refusal, Busy | InProgress):
        return BUSY_SECONDS
    seconds = refusal.data().get("retry_after")
    return seconds if isinstance(seconds, int) else None
