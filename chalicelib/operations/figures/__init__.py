"""The figures that reports add up: counted from a session's rows whenever they have changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.operations.figures.codes import recount_codes
from chalicelib.operations.figures.recount import complete, recount_everything, recount_some, recount_stale, refresh
from chalicelib.tables import figures


def note_change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, *, change: str, now: datetime) -> None:
    """Note that the session of a row has changed, so that its figures are counted anew. `change` names the change."""
    row = new or old or {}
    org, _, session = row["pk"]["S"].partition("#")
    figures.note_change(org, session, change, now=now)
