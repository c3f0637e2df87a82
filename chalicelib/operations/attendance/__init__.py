"""Attendance: who came to a meeting, marked by staff or by the QR code of a registration, and its counts."""

from chalicelib.operations.attendance.check_in import CheckedIn, answers_at_door, check_in, owed, read_registration
from chalicelib.operations.attendance.counts import CountedMeeting, read_counts, recount_marks, relist_counts
from chalicelib.operations.attendance.export import export_attendance
from chalicelib.operations.attendance.history import count_dates, marked_dates
from chalicelib.operations.attendance.mark import NewMark, mark
from chalicelib.operations.attendance.queries import Attendee, MeetingSheet, read_sheet
