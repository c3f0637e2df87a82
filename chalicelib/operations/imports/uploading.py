"""Files too large to pass through the application go into the bucket directly, by a form that is good for one of them."""

from typing import NamedTuple

from chalicelib.operations.identity import derived
from chalicelib.tables import contracts, files


class Offer(NamedTuple):
    upload: str
    url: str
    fields: dict[str, str]


def offer_upload(org: str, *, contract: str, key: str, back: str = "") -> Offer:
    """Return a form to upload one file with. `back` begins the address that a browser is sent to afterwards; the id goes behind it.

    Raises NotFound for a contract that is not there; for customers it is empty.
    """
    if contract:
        contracts.get(org, contract)
    upload = derived("upload", org, key)
    return Offer(upload, *files.upload_form(org, upload, back=f"{back}{upload}" if back else ""))


def uploaded_file(org: str, upload: str) -> bytes:
    """Return what was uploaded. Raises NotFound, FileTooLarge."""
    return files.uploaded(org, upload)
