"""A message begins as a row; sending follows from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.rules.messages import Kind, Message, message_id
from chalicelib.tables import messages


def queue(*, kind: Kind, org: str, to: str, locale: str, data: Mapping[str, Any], key: str, now: datetime) -> str:
    """Queue an e-mail and return its id. The same kind and key queued again is the same message and adds nothing.

    Somebody who was erased has no address, and gets none.
    `data` names what it is about (see `letters`); never a link or a token.
    """
    own = message_id(kind, org, key)
    if to:
        messages.add(Message(org=org, id=own, kind=kind, to=to, locale=locale, created_at=now, data=data))
    return own
