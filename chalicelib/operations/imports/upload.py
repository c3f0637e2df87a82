"""Large uploads: a signed form with which a browser posts one file directly to the bucket."""

from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.tables import contracts, files


class PreparedUpload(NamedTuple):
    upload: str
    url: str
    fields: dict[str, str]


def prepare_upload(org: str, *, contract: str, key: str, back: str = "") -> PreparedUpload:
    """Return the form with which a browser uploads one file.

    Afterwards the browser is redirected to `back` with the upload's id appended. `contract` is empty for customers.
    Raises NotFound for an unknown contract.
    """
    if contract:
        contracts.get(org, contract)
    upload = derived("upload", org, key)
    return PreparedUpload(upload, *files.upload_form(org, upload, back=f"{back}{upload}" if back else ""))


def uploaded_file(org: str, upload: str) -> bytes:
    """Return the content of the uploaded file. Raises NotFound, FileTooLarge."""
    return files.uploaded(org, upload)
