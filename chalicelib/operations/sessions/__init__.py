"""Sessions: create, list, read, edit, cancel, delete."""

from chalicelib.operations.sessions.cancelling import cancel_session
from chalicelib.operations.sessions.editing import create_session, delete_session, edit_session
from chalicelib.operations.sessions.exporting import export_roster
from chalicelib.operations.sessions.extras import keep_extra
from chalicelib.operations.sessions.reading import (
    Holder,
    InvitationView,
    RosterView,
    SessionPage,
    SessionView,
    list_sessions,
    read_capacity,
    read_roster,
    read_session,
)

__all__ = [
    "Holder",
    "InvitationView",
    "RosterView",
    "SessionPage",
    "SessionView",
    "cancel_session",
    "create_session",
    "delete_session",
    "edit_session",
    "export_roster",
    "keep_extra",
    "list_sessions",
    "read_capacity",
    "read_roster",
    "read_session",
]
