"""ETags of editable records: the version, so that a change based on an outdated version is refused. Of files: a digest."""

import re
from hashlib import sha256

from chalicelib.web.call import Call
from chalicelib.web.refusals import BadPrecondition

ETAG = re.compile(r'(?:W/)?"(?:v([1-9]\d{0,8})|[\x21\x23-\x7e]*)"')
"""Our ETag or any other. A compressing proxy may mark ours as weak; it still names the version."""
NO_VERSION = 0


def etag(version: int) -> dict[str, str]:
    """Return the ETag header of a version."""
    return {"ETag": f'"v{version}"'}


def expected(call: Call) -> int | None:
    """Return the version in If-Match, None when the write is unconditional. Raises BadPrecondition.

    A foreign ETag gives a version that matches none.
    """
    given = call.headers.get("if-match", "").strip()
    if given in {"", "*"}:
        return None
    found = ETAG.fullmatch(given)
    if found is None:
        raise BadPrecondition
    return int(found[1] or NO_VERSION)


def digest(text: str) -> dict[str, str]:
    """Return the ETag header of a text."""
    return {"ETag": f'"{sha256(text.encode()).hexdigest()[:32]}"'}


def is_known(call: Call, named: dict[str, str]) -> bool:
    """Whether the caller has the text of this ETag already, by If-None-Match."""
    given = call.headers.get("if-none-match", "")
    return named["ETag"] in (one.strip().removeprefix("W/") for one in given.split(","))
