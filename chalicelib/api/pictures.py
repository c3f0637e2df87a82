"""Pictures of sessions, and the logo of the organisation: a file of up to 4 MB, which is made small.

The file is the body, or the field `file` of a form; with a JSON body, the text of the picture changes. A link shows one picture for ever.
"""

from typing import Any

from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.organisations import OrganisationOut
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.session_shapes import PictureOut
from chalicelib.operations import pictures
from chalicelib.rules.inputs.pictures import LogoInput, PictureInput
from chalicelib.rules.pictures import NoPicture, NotAPicture
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.rules.session_refusals import SessionCancelled
from chalicelib.web.audience import Staff
from chalicelib.web.uploads import Upload
from chalicelib.web.validation import read_values

PICTURE = "/v1/orgs/{org}/sessions/{session}/picture"
LOGO = "/v1/orgs/{org}/logo"
REFUSES = (NotAPicture, NoPicture, ChangedMeanwhile, ValidationFailed)


class SessionPictureOut(Out):
    picture: PictureOut | None


@endpoint(
    "POST",
    PICTURE,
    id="sessions.set_picture",
    who=Staff("edit_sessions"),
    takes=PictureInput,
    gives={200: SessionPictureOut},
    refuses=(*REFUSES, SessionCancelled),
    files=True,
)
def set_picture(request: Request[Upload | PictureInput]) -> ApiResponse:
    """Give a session a picture (JPEG, PNG or WebP), or change the description of its picture."""
    content, draft = _read(request, PictureInput)
    view = pictures.change_session_picture(
        request.org, request["session"], content, alt=draft.alt, following=draft.following, now=request.call.now
    )
    return ApiResponse(200, SessionPictureOut(picture=PictureOut.of(request.org, view.session.id, view.session.picture)))


@endpoint(
    "DELETE",
    PICTURE,
    id="sessions.remove_picture",
    who=Staff("edit_sessions"),
    gives={204: None},
    refuses=(SessionCancelled, ChangedMeanwhile),
)
def remove_picture(request: Request[None]) -> ApiResponse:
    """Take the picture of a session away."""
    pictures.change_session_picture(request.org, request["session"], b"", alt="", now=request.call.now)
    return ApiResponse(204)


@endpoint(
    "POST",
    LOGO,
    id="organisations.set_logo",
    who=Staff("manage_settings"),
    takes=LogoInput,
    gives={200: OrganisationOut},
    refuses=REFUSES,
    files=True,
)
def set_logo(request: Request[Upload | LogoInput]) -> ApiResponse:
    """Give the organisation a logo (JPEG, PNG or WebP), or change the description of its logo."""
    content, draft = _read(request, LogoInput)
    return ApiResponse(200, OrganisationOut.of(pictures.change_logo(request.org, content, alt=draft.alt)))


@endpoint("DELETE", LOGO, id="organisations.remove_logo", who=Staff("manage_settings"), gives={204: None})
def remove_logo(request: Request[None]) -> ApiResponse:
    """Take the logo away."""
    pictures.change_logo(request.org, b"", alt="")
    return ApiResponse(204)


def _read(request: Request[Any], model: type[Any]) -> tuple[bytes | None, Any]:
    """Return the file and its description; None for the file of a JSON body. Raises ValidationFailed."""
    if isinstance(request.body, Upload):
        known = {name: value for name, value in request.body.fields.items() if name in model.model_fields}
        return request.body.content, read_values(model, known)
    return None, request.body
