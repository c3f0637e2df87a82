"""A form that arrives after its sender was signed out.

It is kept in a hidden field of the sign-in page, and shown after the sign-in, to be sent again. Nothing of it is stored.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from chalicelib.pages.paths import safe, written
from chalicelib.pages.responses import Html, PageResponse
from chalicelib.web import uploads
from chalicelib.web.call import Call

FIELD = "unsaved"
MOST_BYTES = 64 * 1024
MOST_FIELDS = 500
SECRETS = ("password", "secret")


class UnsavedForm(NamedTuple):
    """The path that a form was sent to, and its fields without passwords and secrets."""

    path: str
    fields: dict[str, str]

    def written(self) -> str:
        """Return the form as the value of a hidden field."""
        return json.dumps({"path": self.path, "fields": self.fields})


def submitted_form(call: Call) -> UnsavedForm | None:
    """Return the form that a refused request brought; None for a link, a file, or more than a form has."""
    if call.method != "POST" or len(call.body) > MOST_BYTES or uploads.is_form(call):
        return None
    try:
        fields = dict(parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return None
    return UnsavedForm(written(call.route, **call.params), _without_secrets(fields)) if fields else None


def restored_form(typed: Mapping[str, str]) -> UnsavedForm | None:
    """Return the form that the sign-in page has kept; None without one, or for one that does not lead to a page of ours."""
    try:
        found = json.loads(typed.get(FIELD, ""))
        path, fields = safe(str(found["path"])), {str(name): str(value) for name, value in found["fields"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return UnsavedForm(path, _without_secrets(fields)) if path else None


def resend_page(unsaved: UnsavedForm, onward: str, cookies: tuple[str, ...], **data: object) -> PageResponse:
    """Return the page that offers to send the form again, with the cookies of the sign-in. `onward` is where to go without it."""
    return Html("auth/unsaved_form.html", {"unsaved": unsaved, "onward": onward, **data}, cookies=cookies)


def _without_secrets(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if not any(word in name for word in SECRETS)}
