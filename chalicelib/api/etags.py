"""ETags of what staff edit: the version, so that a change made on an old reading is refused."""

import re

from chalicelib.web.call import Call
from chalicelib.web.refusals import BadPrecondition

ETAG = re.compile(r'^(?:W/)?"v(\d{1,9})"$')


def etag(version: int) -> dict[str, str]:
    """Return the header that carries the version."""
    return {"ETag": f'"v{version}"'}


def expected(call: Call) -> int | None:
    """Return the version that If-Match names, None when the write is unconditional. Raises BadPrecondition."""
    given = call.headers.get("if-match", "").strip()
    if given in {"", "*"}:
        return None
    found = ETAG.match(given)
    if found is None:
        raise BadPrecondition
    return int(found[1])
