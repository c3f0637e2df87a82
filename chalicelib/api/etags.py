"""ETags of what staff edit: the version, so that a change made on an old reading is refused."""

import re

from chalicelib.web.call import Call
from chalicelib.web.refusals import BadPrecondition

ETAG = re.compile(r'(?:W/)?"(?:v([1-9]\d{0,8})|[\x21\x23-\x7e]*)"')
"""Ours, or anybody's. A proxy that compresses marks ours as weak: it still names the version."""
NO_VERSION = 0


def etag(version: int) -> dict[str, str]:
    """Return the header that carries the version."""
    return {"ETag": f'"v{version}"'}


def expected(call: Call) -> int | None:
    """Return the version that If-Match names, None when the write is unconditional. Raises BadPrecondition.

    An ETag that we did not give names no version, so that nothing matches it.
    """
    given = call.headers.get("if-match", "").strip()
    if given in {"", "*"}:
        return None
    found = ETAG.fullmatch(given)
    if found is None:
        raise BadPrecondition
    return int(found[1] or NO_VERSION)
