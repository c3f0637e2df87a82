"""Large uploads: a signed form or link with which a browser sends one file directly to the bucket."""

from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.tables import contracts, files


class PreparedUpload(NamedTuple):
    upload: str
    url: str
    fields: dict[str, str]
    put_url: str | None


def prepare_upload(org: str, *, contract: str, key: str, size: int | None = None, back: str = "") -> PreparedUpload:
    """Return the form with which a browser uploads one file.

    With the file's `size` in bytes, there is also a link to put the file to, which takes exactly that many.
    After the form, the browser is redirected to `back` with the upload's id appended. `contract` is empty for customers.
    Raises NotFound for an unknown contract.
    """
    if contract:
        contracts.get(org, contract)
    upload = derived("upload", org, key)
    form = files.upload_form(org, upload, back=f"{back}{upload}" if back else "")
    return PreparedUpload(upload, *form, None if size is None else files.upload_link(org, upload, size))


def uploaded_file(org: str, upload: str) -> bytes:
    """Return the content of the uploaded file. Raises NotFound, FileTooLarge."""
    return files.uploaded(org, upload)
