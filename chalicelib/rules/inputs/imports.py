"""Input of staff about imports, beside the file."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.inputs.input import Input

Width = Annotated[int, Field(ge=6, le=20)]
USUAL_WIDTH = 10
UploadId = Annotated[str, Field(min_length=1, max_length=100)]


class ImportUploadInput(Input):
    """An import of a file that was uploaded before."""

    upload: UploadId


class ImportCodesInput(Input):
    """The width, without prefix, of the codes that an import issues."""

    width: Width = USUAL_WIDTH


class ImportParticipantsInput(ImportCodesInput):
    upload: UploadId
