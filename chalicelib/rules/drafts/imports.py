"""An import as it is asked for, beside its file."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.drafts.sending import Draft

Width = Annotated[int, Field(ge=6, le=20)]
USUAL_WIDTH = 10
UploadId = Annotated[str, Field(min_length=1, max_length=100)]


class FromUpload(Draft):
    """An import of a file that was uploaded before."""

    upload: UploadId


class CodesWanted(Draft):
    """How long the codes are that an import makes, without their prefix."""

    width: Width = USUAL_WIDTH


class ParticipantsFromUpload(CodesWanted):
    upload: UploadId
