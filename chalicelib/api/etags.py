"""ETags of editable records: the version, so that a change based on an outdated version is refused. Of files: a digest."""

import re
from dataclasses import replace
from hashlib import sha256

from chalicelib.web.call import Call
from chalicelib.web.refusals import BadPrecondition

ELEMENT = re.compile(r'[ \t]*(?:(?P<etag>(?:W/)?"(?:v(?P<version>[1-9]\d{0,8})|[\x21\x23-\x7e]*)")[ \t]*)?(?:,|$)')
"""An element of a list of ETags: ours, any other, or none. A compressing proxy may mark ours as weak; it still names the version."""
NO_VERSION = 0
MOST_VERSIONS = 20
"""As many as one request may list: each costs a try."""


def etag(version: int) -> dict[str, str]:
    """Return the ETag header of a version."""
    return {"ETag": f'"v{version}"'}


def expected(call: Call) -> int | None:
    """Return the version in If-Match, None when the write is unconditional. Raises BadPrecondition.

    A foreign ETag gives a version that matches none. Of a list, see `for_each_version`.
    """
    given = call.headers.get("if-match", "").strip()
    return None if given in {"", "*"} else _versions(given)[0]


def for_each_version(call: Call) -> list[Call]:
    """Return the request with each version that its If-Match lists, of which one match is enough: the latest first.

    Raises BadPrecondition.
    """
    given = call.headers.get("if-match", "")
    if "," not in given:
        return [call]
    return [replace(call, headers={**call.headers, "if-match": f'"v{version}"'}) for version in _versions(given)]


def _versions(given: str) -> list[int]:
    """Return the versions of a list of ETags, the latest first. Raises BadPrecondition."""
    found, at = set(), 0
    while at < len(given):
        element = ELEMENT.match(given, at)
        if element is None:
            raise BadPrecondition
        found |= {int(element["version"] or NO_VERSION)} if element["etag"] else set()
        at = element.end()
    if not found or len(found) > MOST_VERSIONS:
        raise BadPrecondition
    return sorted(found, reverse=True)


def digest(text: str) -> dict[str, str]:
    """Return the ETag header of a text."""
    return {"ETag": f'"{sha256(text.encode()).hexdigest()[:32]}"'}


def is_known(call: Call, named: dict[str, str]) -> bool:
    """Whether the caller has the text of this ETag already, by If-None-Match."""
    given = call.headers.get("if-none-match", "")
    return named["ETag"] in (one.strip().removeprefix("W/") for one in given.split(","))
