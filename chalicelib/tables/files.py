"""The bucket: what was uploaded, byte for byte; what was read in it; tables too large to be answered directly.

uploaded by a form of ours     org/uploads/id
an import's file               org/imports/id/SHA-256.csv
what was read in it            org/imports/id/read.json
a table to fetch               org/downloads/SHA-256.csv, or .json; one that a job made: org/downloads/job.csv
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import clients
from chalicelib.rules.imports.imports import Change, Checked, Import
from chalicelib.rules.imports.issues import Issue
from chalicelib.rules.imports.refusals import MOST_BYTES, FileGone, FileTooLarge
from chalicelib.rules.refusals import Busy, NotFound
from chalicelib.settings import settings
from chalicelib.tables.keys import MOST_BYTES_OF_SK

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
READ = "read.json"
LINK_SECONDS = 15 * 60
NOT_THERE = {"NoSuchKey", "AccessDenied", "404", "403"}
"""Without the right to list a bucket, S3 says of what is not there that it is forbidden."""


class UploadForm(NamedTuple):
    """Where a browser or a program posts a file to, and the fields that go before it."""

    url: str
    fields: dict[str, str]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def upload_form(org: str, upload: str, *, back: str = "") -> UploadForm:
    """Return a form for one file of at most 20 MB, good for a quarter of an hour. `back` is where a browser is sent afterwards."""
    fields = {"success_action_redirect": back} if back else {}
    conditions: list[Any] = [["content-length-range", 1, MOST_BYTES], *([{name: value} for name, value in fields.items()])]
    made = clients.s3().generate_presigned_post(
        settings().imports_bucket, _upload(org, upload), Fields=fields, Conditions=conditions, ExpiresIn=LINK_SECONDS
    )
    return UploadForm(made["url"], made["fields"])


def uploaded(org: str, upload: str) -> bytes:
    """Return what was uploaded. Raises NotFound, FileTooLarge."""
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
    """Keep the file of an import and what was read in it. The same again is the same."""
    put(_file(made), content, "text/csv")
    put(_read(made), json.dumps(checked._asdict()).encode(), "application/json")


def content(made: Import) -> bytes:
    """Return the file of an import, byte for byte. Raises FileGone."""
    return bytes(get(_file(made))["Body"].read())


def checked(made: Import) -> Checked:
    """Return what was read in the file of an import. Raises FileGone."""
    read = json.loads(get(_read(made))["Body"].read())
    return Checked([Issue(*found) for found in read["issues"]], [Change(*found) for found in read["todo"]])


def link_to(org: str, text: str, name: str) -> str:
    """Keep a table, or another text, and return a link that fetches it under this name, good for a quarter of an hour."""
    content, ending = text.encode(), name.rpartition(".")[2]
    key = f"{org}/downloads/{digest(content)}.{ending}"
    put(key, content, KINDS[ending])
    return link(key, name)


def link(key: str, name: str) -> str:
    """Return a link that fetches a file of the bucket under this name, good for a quarter of an hour."""
    asked = {"Bucket": settings().imports_bucket, "Key": key, "ResponseContentDisposition": f'attachment; filename="{name}"'}
    return clients.s3().generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS)


def every(org: str) -> Iterator[tuple[str, bytes]]:
    """Return all that is kept for an organisation, by its name in the bucket."""
    bucket = settings().imports_bucket
    for page in clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{org}/"):
        for entry in page.get("Contents", ()):
            with suppress(FileGone):
                yield entry["Key"], bytes(get(entry["Key"])["Body"].read())


def as_texts(content: bytes) -> Iterator[str]:
    """Return what a file may say, in each encoding that is read here."""
    for encoding in ENCODINGS:
        yield content.decode(encoding, errors="ignore")


def delete_with_what_was_read(key: str) -> None:
    """Delete a file by its name in the bucket, and before it what was read in it. What is gone already is gone."""
    folder, _, name = key.rpartition("/")
    if folder.rpartition("/")[0].endswith("/imports") and name != READ:
        _delete(f"{folder}/{READ}")
    _delete(key)


def put(key: str, content: bytes, kind: str) -> None:
    """Write a file by its name in the bucket. Raises Busy."""
    try:
        clients.s3().put_object(Bucket=settings().imports_bucket, Key=key, Body=content, ContentType=kind)
    except (ClientError, BotoCoreError) as fault:
        raise Busy from fault


def get(key: str) -> Any:
    """Return S3's answer. Raises FileGone when there is nothing of this name."""
    try:
        return clients.s3().get_object(Bucket=settings().imports_bucket, Key=key)
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
        clients.s3().delete_object(Bucket=settings().imports_bucket, Key=key)
    except (ClientError, BotoCoreError) as fault:
        raise Busy from fault
