"""The bucket: uploaded files, unchanged; the parsed content of imports; sheets too large for a direct answer.

uploaded by a form of ours     org/uploads/id
an import's file               org/imports/id/SHA-256.csv
what was read in it            org/imports/id/read.json
a table to fetch               org/downloads/SHA-256.csv, or .json; one that a job made: org/downloads/job.csv
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules.imports.imports import Checked, Import, RowChange
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.imports.refusals import MOST_BYTES, FileGone, FileTooLarge
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.rules.translation import Filled
from chalicelib.tables.keys import MOST_BYTES_OF_SK

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
READ = "read.json"
UPLOAD_SECONDS = 15 * 60
LINK_SECONDS = 60
"""How long a download may be begun by its link: it is made when it is asked for, and followed at once."""
NOT_THERE = {"NoSuchKey", "AccessDenied", "404", "403"}
"""The errors for a missing file: without the right to list the bucket, S3 answers 403."""


class UploadForm(NamedTuple):
    """The URL to which a file is posted, and the form fields before the file."""

    url: str
    fields: dict[str, str]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def upload_form(org: str, upload: str, *, back: str = "") -> UploadForm:
    """Return a form for one file of at most 20 MB, valid for 15 minutes. `back`: the page to which the browser returns."""
    fields = {"success_action_redirect": back} if back else {}
    conditions: list[Any] = [["content-length-range", 1, MOST_BYTES], *([{name: value} for name, value in fields.items()])]
    made = clients.s3().generate_presigned_post(
        config().imports_bucket, _upload(org, upload), Fields=fields, Conditions=conditions, ExpiresIn=UPLOAD_SECONDS
    )
    return UploadForm(made["url"], made["fields"])


def upload_link(org: str, upload: str, size: int) -> str:
    """Return a link to which one file of exactly `size` bytes is put, valid for 15 minutes."""
    parameters = {"Bucket": config().imports_bucket, "Key": _upload(org, upload), "ContentLength": size}
    return clients.s3().generate_presigned_url("put_object", Params=parameters, ExpiresIn=UPLOAD_SECONDS)


def uploaded(org: str, upload: str) -> bytes:
    """Return the uploaded bytes. Raises NotFound, FileTooLarge."""
    key = _upload(org, upload)
    if len(key.encode()) > MOST_BYTES_OF_SK:
        raise NotFound
    try:
        found = get(key)
    except FileGone:
        raise NotFound from None
    if found["ContentLength"] > MOST_BYTES:
        raise FileTooLarge
    return bytes(found["Body"].read())


def keep(made: Import, content: bytes, checked: Checked) -> None:
    """Store the file of an import and the result of its check. Idempotent."""
    put(_file(made), content, "text/csv")
    put(_read(made), _written(checked).encode(), "application/json")


def _written(checked: Checked) -> str:
    """Return the result of a check as JSON, each change on a line of its own: a step parses only those that it makes."""
    issues, todo = json.dumps([_stored(found) for found in checked.issues]), ",\n".join(map(json.dumps, checked.todo))
    return f'{{"issues": {issues}, "todo": [\n{todo}\n]}}'


def content(made: Import) -> bytes:
    """Return the file of an import, byte for byte. Raises FileGone."""
    return bytes(get(_file(made))["Body"].read())


def checked(made: Import) -> Checked:
    """Return the result of the check of an import's file. Raises FileGone."""
    return _checked_from(_read_bytes(made))


def changes(made: Import, indices: Iterable[int]) -> list[RowChange]:
    """Return some of the changes that an import has to make. Raises FileGone."""
    read = _read_bytes(made)
    _, *lines = read.split(b"\n")
    if not lines:  # A version before wrote all of it on one line.
        todo = _checked_from(read).todo
        return [todo[index] for index in indices]
    return [RowChange(*json.loads(lines[index].removesuffix(b","))) for index in indices]


def _read_bytes(made: Import) -> bytes:
    return bytes(get(_read(made))["Body"].read())


def _checked_from(read: bytes) -> Checked:
    found = json.loads(read)
    return Checked([_issue(*issue) for issue in found["issues"]], [RowChange(*change) for change in found["todo"]])


def _stored(found: Issue) -> list[Any]:
    """Return an issue as a list. A sentence with values ends in its text and the values; a plain one is stored as it is."""
    detail = found.detail
    return [*found[:-1], detail.text, detail.values] if isinstance(detail, Filled) else [*found]


def _issue(row: int, column: str, value: str, code: str, text: str, values: dict[str, Any] | None = None) -> Issue:
    return Issue(row, column, value, code, text if values is None else Filled(text, values))


def link_to(org: str, text: str, name: str) -> str:
    """Store a sheet or another text, and return a link that downloads it under this name, if that begins within a minute."""
    content, ending = text.encode(), name.rpartition(".")[2]
    key = f"{org}/downloads/{digest(content)}.{ending}"
    put(key, content, KINDS[ending])
    return link(key, name)


def link(key: str, name: str) -> str:
    """Return a link that downloads a file of the bucket under this name, if that begins within a minute. No cache keeps the file."""
    answered = {
        "ResponseContentDisposition": f'attachment; filename="{name}"',
        "ResponseContentType": KINDS[name.rpartition(".")[2]],
        "ResponseCacheControl": "private, no-store",
    }
    parameters = {"Bucket": config().imports_bucket, "Key": key, **answered}
    return clients.s3().generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)


def every(org: str) -> Iterator[tuple[str, bytes]]:
    """Yield all files of an organisation: key in the bucket, content."""
    bucket = config().imports_bucket
    for page in clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{org}/"):
        for stored_file in page.get("Contents", ()):
            with suppress(FileGone):
                yield stored_file["Key"], bytes(get(stored_file["Key"])["Body"].read())


def as_texts(content: bytes) -> Iterator[str]:
    """Yield the file's text in each supported encoding."""
    for encoding in ENCODINGS:
        yield content.decode(encoding, errors="ignore")


def delete_with_derived_files(key: str) -> None:
    """Delete a file by its key, after the result of its check. Idempotent."""
    folder, _, name = key.rpartition("/")
    if folder.rpartition("/")[0].endswith("/imports") and name != READ:
        _delete(f"{folder}/{READ}")
    _delete(key)


def put(key: str, content: bytes, kind: str) -> None:
    """Write a file by its key in the bucket. Raises Busy."""
    try:
        clients.s3().put_object(Bucket=config().imports_bucket, Key=key, Body=content, ContentType=kind)
    except (ClientError, BotoCoreError) as fault:
        raise Busy from fault


def get(key: str) -> Any:
    """Return S3's answer. Raises FileGone for a missing key."""
    try:
        return clients.s3().get_object(Bucket=config().imports_bucket, Key=key)
    except ClientError as fault:
        if fault.response["Error"]["Code"] in NOT_THERE:
            raise FileGone from None
        raise Busy from fault
    except BotoCoreError as fault:
        raise Busy from fault


def _upload(org: str, upload: str) -> str:
    return f"{org}/uploads/{upload}"


def _file(made: Import) -> str:
    return f"{made.org}/imports/{made.id}/{made.file}.csv"


def _read(made: Import) -> str:
    return f"{made.org}/imports/{made.id}/{READ}"


def _delete(key: str) -> None:
    try:
        clients.s3().delete_object(Bucket=config().imports_bucket, Key=key)
    except (ClientError, BotoCoreError) as fault:
        raise Busy from fault
