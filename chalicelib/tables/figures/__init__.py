"""The figures of reports: sessions by month, counters of codes, and the sessions that changed since the last count."""

from chalicelib.tables.figures.changes import ChangedSession, changed_sessions, forget_changes, longest_changed, note_change
from chalicelib.tables.figures.codes import CodeCounts, CodeDay, code_versions, code_writes, codes_of_months, write_codes
from chalicelib.tables.figures.sessions import (
    CountedMeanwhile,
    Figures,
    Header,
    MonthFigures,
    all_headers,
    debts,
    delete_writes,
    headers,
    incomplete_write,
    is_complete,
    note_complete,
    of_months,
    packed,
    put_writes,
    write,
)
