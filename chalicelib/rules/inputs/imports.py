"""Input of staff about imports, beside the file."""

from typing import Annotated

from pydantic import Field

from chalicelib.rules.imports.refusals import MOST_BYTES
from chalicelib.rules.inputs.input import Input

ImportedCodeWidth = Annotated[int, Field(ge=6, le=20)]
USUAL_WIDTH = 10
UploadId = Annotated[str, Field(min_length=1, max_length=100)]


class UploadInput(Input):
    """The size of a file that is put to the bucket, in bytes."""

    size: Annotated[int, Field(ge=1, le=MOST_BYTES)] | None = None


class ImportUploadInput(Input):
    """An import of a file that was uploaded before."""

    upload: UploadId


class ImportCodesInput(Input):
    """The width, without prefix, of the codes that an import issues."""

    width: ImportedCodeWidth = USUAL_WIDTH


class ImportParticipantsInput(ImportCodesInput):
    upload: UploadId
