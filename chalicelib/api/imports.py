"""Imports: a CSV file is checked as a whole and says what it would change; completing it is a second step.

A file of up to 4 MB is the body, or the field `file` of a form. A larger one takes two steps: `…/imports/uploads` answers where to
post it to (a form with `fields` before the `file`), and then its `upload` is the JSON body of `…/imports`.
"""

from typing import Any

from chalicelib.api import downloads
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.jobs import BegunOut
from chalicelib.api.shapes import Moment
from chalicelib.operations import imports
from chalicelib.rules.drafts.imports import CodesWanted, FromUpload, ParticipantsFromUpload
from chalicelib.rules.imports.decoding import Encoding
from chalicelib.rules.imports.imports import Change, Doing, ImportKind, ImportStatus
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
from chalicelib.rules.refusals import ChangedMeanwhile
from chalicelib.web.refusals import Invalid, KeyReused
from chalicelib.web.uploads import Upload
from chalicelib.web.validation import read_values

ORG = "/v1/orgs/{org}"
PARTICIPANTS = ORG + "/contracts/{contract}/imports"
CUSTOMERS = ORG + "/customers/imports"
IMPORT = ORG + "/imports/{import}"
UNREADABLE = (
    EmptyFile,
    EndlessCell,
    FileTooLarge,
    Invalid,
    MalformedCsv,
    NotCsv,
    NulCharacters,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
)
PREVIEWED = 50


class IssueOut(Out):
    row: int
    """The line as a spreadsheet shows it: the header is 1."""
    column: str
    value: str
    """What stands there; of long ones the beginning."""
    code: str
    detail: str


class ChangesOut(Out):
    create: int
    update: int
    unchanged: int


class ChangeOut(Out):
    row: int
    change: Doing
    name: str
    values: dict[str, Any]
    """What it gets."""


class ImportOut(Out):
    id: str
    kind: ImportKind
    contract: str | None
    status: ImportStatus
    encoding: Encoding
    """As which the file was read; Windows-1252 is a guess."""
    file: str
    """The SHA-256 of the file."""
    issues: list[IssueOut]
    """In the order of rows; of more than 10,000 the first."""
    issues_total: int
    changes: ChangesOut
    """Of the rows without issues. Nothing changes before the import is completed."""
    preview: list[ChangeOut]
    """The first rows that create or update."""
    job: str | None
    created_at: Moment

    @classmethod
    def of(cls, view: imports.ImportView) -> "ImportOut":
        made = view.made
        return cls(
            id=made.id,
            kind=made.kind,
            contract=made.contract or None,
            status=made.status,
            encoding=made.encoding,
            file=made.file,
            issues=[IssueOut(**issue._asdict()) for issue in view.issues],
            issues_total=made.issues,
            changes=ChangesOut.model_validate(made.changes),
            preview=[_change(change) for change in view.todo[:PREVIEWED]],
            job=made.job or None,
            created_at=made.created_at,
        )


class UploadOut(Out):
    upload: str
    url: str
    """Post the file there within a quarter of an hour, as multipart/form-data: these fields first, then `file`. At most 20 MB."""
    fields: dict[str, str]


@endpoint(
    "POST",
    PARTICIPANTS,
    who=Staff("manager"),
    takes=ParticipantsFromUpload,
    gives={201: ImportOut},
    refuses=UNREADABLE,
    query={"width": "How long the codes are that it makes, without their prefix: 6 to 20, 10 unless told."},
    files=True,
)
def import_participants(request: Request[Upload | ParticipantsFromUpload]) -> Answer:
    """Check a CSV file of a contract's participants, and say what it would change."""
    return _checked(request, "participants", contract=request["contract"], width=_width(request))


@endpoint("POST", CUSTOMERS, who=Staff("manager"), takes=FromUpload, gives={201: ImportOut}, refuses=UNREADABLE, files=True)
def import_customers(request: Request[Upload | FromUpload]) -> Answer:
    """Check a CSV file of customers, and say what it would change."""
    return _checked(request, "customers")


@endpoint("GET", ORG + "/contracts/{contract}/participants.csv", who=Staff("viewer"), gives={200: None, 303: None}, kind="text/csv")
def participants_csv(request: Request[None]) -> Answer:
    """Download a contract's participants with their newest codes, to fill in and upload again; a large table by a link (303)."""
    table = imports.export_participants(request.org, request["contract"])
    return downloads.table(request.org, table, imports.PARTICIPANTS_CSV)


@endpoint("POST", PARTICIPANTS + "/uploads", who=Staff("manager"), gives={201: UploadOut}, kept=False)
def upload_participants(request: Request[None]) -> Answer:
    """Ask where to post a file of participants of more than 4 MB to."""
    return _offered(request, request["contract"])


@endpoint("POST", CUSTOMERS + "/uploads", who=Staff("manager"), gives={201: UploadOut}, kept=False)
def upload_customers(request: Request[None]) -> Answer:
    """Ask where to post a file of customers of more than 4 MB to."""
    return _offered(request)


@endpoint("GET", IMPORT, who=Staff("viewer"), gives={200: ImportOut})
def read_import(request: Request[None]) -> Answer:
    """Read what is wrong with a file, or what it changes, and how far that has come."""
    return Answer(200, ImportOut.of(imports.read_import(request.org, request["import"])))


@endpoint(
    "POST",
    IMPORT + "/complete",
    who=Staff("manager"),
    gives={202: BegunOut},
    refuses=(HasIssues, DataChanged, FileGone, ChangedMeanwhile),
)
def complete_import(request: Request[None]) -> Answer:
    """Do what the file wants, on the data that it was checked against. Completed again, it is the same job."""
    return Answer(202, BegunOut(job=imports.complete(request.org, request["import"], by=request.by, now=request.call.now)))


def _change(change: Change) -> ChangeOut:
    return ChangeOut(row=change.row, change=change.doing, name=change.name, values=change.values)


def _checked(request: Request[Any], kind: ImportKind, *, contract: str = "", width: int = 0) -> Answer:
    content = _content(request)
    view = imports.check_file(
        request.org, content, kind=kind, contract=contract, width=width, by=request.by, key=request.key, now=request.call.now
    )
    if view.of_another_file:
        raise KeyReused
    return Answer(201, ImportOut.of(view), {"Idempotent-Replayed": "true"} if view.again else {})


def _content(request: Request[Any]) -> bytes:
    if isinstance(request.body, Upload):
        return request.body.content
    return imports.uploaded_file(request.org, request.body.upload)


def _width(request: Request[Any]) -> int:
    """Return the width that was asked for: beside the file in its form, in the query, or in JSON. Raises Invalid."""
    if not isinstance(request.body, Upload):
        return int(request.body.width)
    asked = {**request.call.query, **request.body.fields}
    return read_values(CodesWanted, {"width": asked["width"]} if asked.get("width") else {}).width


def _offered(request: Request[None], contract: str = "") -> Answer:
    offer = imports.offer_upload(request.org, contract=contract, key=request.key)
    return Answer(201, UploadOut(upload=offer.upload, url=offer.url, fields=offer.fields))
