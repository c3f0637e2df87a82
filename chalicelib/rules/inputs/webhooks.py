"""Input of an owner about webhooks."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from chalicelib.rules.input_errors import error_about
from chalicelib.rules.inputs.input import Changes, Input
from chalicelib.rules.text import filled, plain
from chalicelib.rules.translation import N_
from chalicelib.rules.webhooks import ALL, EVENT_TYPES


def _known_events(events: list[str]) -> list[str]:
    unknown = sorted(set(events) - {ALL, *EVENT_TYPES})
    if unknown:
        named = ", ".join(unknown)[:200]
        raise error_about("unknown_event", N_("These events do not exist: %(names)s. See the list of types."), names=named)
    return [ALL] if ALL in events else [event for event in EVENT_TYPES if event in events]


Url = Annotated[str, StringConstraints(max_length=2000), AfterValidator(plain), AfterValidator(filled)]
Events = Annotated[
    list[Annotated[str, StringConstraints(max_length=60)]], Field(min_length=1, max_length=100), AfterValidator(_known_events)
]


class WebhookInput(Input):
    url: Url
    """An https address. Which are allowed depends on the deployment, so the operation checks it."""
    events: Events
    """Types such as `registration.created`, or `*` for all."""
    active: bool = True


class WebhookChanges(Changes):
    """Changes of a webhook; an omitted field stays."""

    url: Url | None = None
    events: Events | None = None
    active: bool | None = None
