"""Sessions: create, repeat, list, read, edit, duplicate, decide, cancel, delete."""

from chalicelib.operations.sessions.cancel import cancel_session, count_reachable
from chalicelib.operations.sessions.decide import decide_due, go_ahead, too_few
from chalicelib.operations.sessions.duplicate import duplicate_session
from chalicelib.operations.sessions.edit import count_recipients, create_session, delete_session, edit_session, write_edit
from chalicelib.operations.sessions.edit_series import (
    EditedSeries,
    count_following_recipients,
    edit_following,
    following_sessions,
    only_changed,
)
from chalicelib.operations.sessions.export import export_roster
from chalicelib.operations.sessions.extras import keep_extra
from chalicelib.operations.sessions.list import SessionPage, find_sessions, list_sessions, read_several
from chalicelib.operations.sessions.meetings import cancel_meeting, count_covered, restore_meeting
from chalicelib.operations.sessions.queries import (
    InvitationView,
    RosterView,
    SessionView,
    SpotHolder,
    read_capacity,
    read_roster,
    read_rosters,
    read_session,
)
from chalicelib.operations.sessions.repeat import Series, create_course, create_series, preview
