"""Pages in a frame on the provider's own site: the public ones up to the confirmation, when their address says `embed=1`.

Only sites that the organisation lists may hold the frame. Nobody is signed in there: browsers keep cookies from a frame of another
site, and where they do not, such a site must not act for somebody who is. Links to all other pages open a new window.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from chalicelib.pages.responses import Redirect
from chalicelib.rules.organisations import Organisation
from chalicelib.web.call import Call
from chalicelib.web.path_match import Resources

IN_FRAMES = (
    "/p/{org}",
    "/p/{org}/sessions/{session}",
    "/p/{org}/sessions/{session}/waitlist",
    "/p/{org}/registered/{token}",
    "/b/{token}",
    "/p/{org}/code",
    "/waitlist/{token}",
    "/waitlist/{token}/leave",
)
_PAGES = Resources(dict.fromkeys(IN_FRAMES, ()))


def is_framed(call: Call) -> bool:
    """Whether the request is for a page as it is shown in a frame."""
    return call.query.get("embed") == "1" and call.route in IN_FRAMES


def is_shown(path: str) -> bool:
    """Whether the page of a path may be shown in a frame."""
    return _PAGES.find(path) is not None


def without_cookies(call: Call) -> Call:
    """Return the request as one of somebody who is not signed in."""
    return replace(call, headers={name: value for name, value in call.headers.items() if name != "cookie"})


def allowed(organisation: Organisation | None) -> Sequence[str]:
    """Return the origins of the sites that may hold the pages of an organisation."""
    return organisation.embed_origins if organisation else ()


def accent(call: Call) -> str:
    """Return the accent colour that the site asks for, as #2f5d50; empty if it asks for none."""
    digits = call.query.get("accent", "")
    return f"#{digits.lower()}" if re.fullmatch("[0-9a-fA-F]{6}", digits) else ""


def appearance(call: Call) -> dict[str, str]:
    """Return the part of the query that says how the page looks, and not what it shows: the language, and that it is in a frame."""
    return {"lang": call.query.get("lang", ""), **(frame_query(call) if is_framed(call) else {})}


def frame_query(call: Call) -> dict[str, str]:
    """Return the part of the query with which the next page in the frame looks like this one."""
    colour = accent(call).removeprefix("#")
    return {"embed": "1", "accent": colour} if colour else {"embed": "1"}


def within(path: Callable[..., str], call: Call) -> Callable[..., str]:
    """Return the function `path` of a page in a frame: links to pages that are shown there stay in it."""

    def stays(to: str, /, **query: str) -> str:
        return path(to, **query, **(frame_query(call) if is_shown(to) else {}))

    return stays


def stay_in_frame(response: Redirect, call: Call) -> Redirect:
    """Return a redirect of a page in a frame, so that the next page is in it too."""
    return replace(response, query={**frame_query(call), **response.query})
