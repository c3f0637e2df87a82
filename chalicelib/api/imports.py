"""CSV imports: a file is checked as a whole and its changes are previewed; completing the import is a second step.

A file of up to 4 MB is the body, or the field `file` of a form. A larger one takes two steps: `…/imports/uploads` answers the URL to
post it to (a form with `fields` before the `file`) and, if its `size` was given, one to put it to. Its `upload` is then the JSON body
of `…/imports`.
"""

from typing import Any

from chalicelib.api import downloads
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.import_shapes import ImportOut, UploadOut
from chalicelib.api.jobs import JobStartedOut
from chalicelib.api.query import QueryParameter, whole_number
from chalicelib.api.responses import ApiResponse
from chalicelib.operations import imports
from chalicelib.rules.imports.imports import ImportKind
from chalicelib.rules.imports.refusals import (
    MOST_BYTES,
    CellTooLong,
    DataChanged,
    EmptyFile,
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
from chalicelib.rules.inputs.imports import ImportCodesInput, ImportParticipantsInput, ImportUploadInput, UploadInput
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.web.audience import Staff
from chalicelib.web.locale import locale_of
from chalicelib.web.refusals import KeyReused
from chalicelib.web.uploads import Upload
from chalicelib.web.validation import read_values

ORG = "/v1/orgs/{org}"
PARTICIPANTS = ORG + "/contracts/{contract}/imports"
CUSTOMERS = ORG + "/customers/imports"
IMPORT = ORG + "/imports/{import}"
UNREADABLE = (
    EmptyFile,
    CellTooLong,
    FileTooLarge,
    ValidationFailed,
    MalformedCsv,
    NotCsv,
    NulCharacters,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
)
SIZE = {"size": QueryParameter("The size of the file in bytes, for `put_url`.", {"type": "integer", "minimum": 1, "maximum": MOST_BYTES})}


@endpoint(
    "POST",
    PARTICIPANTS,
    id="imports.import_participants",
    who=Staff("import_files"),
    takes=ImportParticipantsInput,
    gives={201: ImportOut},
    refuses=UNREADABLE,
    query={"width": whole_number("The length of the codes that the import makes, without their prefix.", least=6, most=20, usual=10)},
    files=True,
)
def import_participants(request: Request[Upload | ImportParticipantsInput]) -> ApiResponse:
    """Check a CSV file of a contract's participants and preview its changes."""
    return _checked(request, "participants", contract=request["contract"], width=_width(request))


@endpoint(
    "POST",
    CUSTOMERS,
    id="imports.import_customers",
    who=Staff("import_files"),
    takes=ImportUploadInput,
    gives={201: ImportOut},
    refuses=UNREADABLE,
    files=True,
)
def import_customers(request: Request[Upload | ImportUploadInput]) -> ApiResponse:
    """Check a CSV file of customers and preview its changes."""
    return _checked(request, "customers")


@endpoint(
    "GET",
    ORG + "/contracts/{contract}/participants.csv",
    id="imports.participants_csv",
    who=Staff("read"),
    gives={200: None, 303: None},
    kind="text/csv",
)
def participants_csv(request: Request[None]) -> ApiResponse:
    """Download a contract's participants with their newest codes, to fill in and upload again; a large file by a link (303)."""
    table = imports.export_participants(request.org, request["contract"], now=request.call.now)
    return downloads.csv_download(request.org, table, imports.PARTICIPANTS_CSV)


@endpoint(
    "POST",
    PARTICIPANTS + "/uploads",
    id="imports.upload_participants",
    who=Staff("import_files"),
    gives={201: UploadOut},
    refuses=(ValidationFailed,),
    query=SIZE,
    replayable=False,
)
def upload_participants(request: Request[None]) -> ApiResponse:
    """Request the URL to which a file of participants larger than 4 MB is posted or put."""
    return _offered(request, request["contract"])


@endpoint(
    "POST",
    CUSTOMERS + "/uploads",
    id="imports.upload_customers",
    who=Staff("import_files"),
    gives={201: UploadOut},
    refuses=(ValidationFailed,),
    query=SIZE,
    replayable=False,
)
def upload_customers(request: Request[None]) -> ApiResponse:
    """Request the URL to which a file of customers larger than 4 MB is posted or put."""
    return _offered(request)


@endpoint("GET", IMPORT, id="imports.read_import", who=Staff("read"), gives={200: ImportOut})
def read_import(request: Request[None]) -> ApiResponse:
    """Read an import: its issues, or its changes and progress."""
    return ApiResponse(200, ImportOut.of(imports.read_import(request.org, request["import"]), locale_of(request.call)))


@endpoint(
    "POST",
    IMPORT + "/complete",
    id="imports.complete_import",
    who=Staff("import_files"),
    gives={202: JobStartedOut},
    refuses=(HasIssues, DataChanged, FileGone, ChangedMeanwhile),
)
def complete_import(request: Request[None]) -> ApiResponse:
    """Complete an import, on the data that it was checked against; repeated, it is the same job."""
    return ApiResponse(202, JobStartedOut(job=imports.complete(request.org, request["import"], by=request.by, now=request.call.now)))


def _checked(request: Request[Any], kind: ImportKind, *, contract: str = "", width: int = 0) -> ApiResponse:
    content = _content(request)
    view = imports.check_file(
        request.org, content, kind=kind, contract=contract, width=width, by=request.by, key=request.key, now=request.call.now
    )
    if view.of_another_file:
        raise KeyReused
    return ApiResponse(201, ImportOut.of(view, locale_of(request.call)), {"Idempotent-Replayed": "true"} if view.again else {})


def _content(request: Request[Any]) -> bytes:
    if isinstance(request.body, Upload):
        return request.body.content
    return imports.uploaded_file(request.org, request.body.upload)


def _width(request: Request[Any]) -> int:
    """Return the requested width: from the form, the query or the JSON body. Raises ValidationFailed."""
    if not isinstance(request.body, Upload):
        return int(request.body.width)
    fields = {**request.call.query, **request.body.fields}
    return read_values(ImportCodesInput, {"width": fields["width"]} if fields.get("width") else {}).width


def _offered(request: Request[None], contract: str = "") -> ApiResponse:
    typed = request.call.query.get("size")
    size = read_values(UploadInput, {"size": typed} if typed else {}).size
    return ApiResponse(201, UploadOut(**imports.prepare_upload(request.org, contract=contract, key=request.key, size=size)._asdict()))
