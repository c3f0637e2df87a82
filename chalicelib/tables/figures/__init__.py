"""The figures of reports: sessions by month, counters of codes, and marks of sessions that changed since the last count."""

from chalicelib.tables.figures.codes import CodeCounts, CodeDay, code_versions, code_writes, codes_of_months, write_codes
from chalicelib.tables.figures.marks import ChangeMark, mark, marks, oldest_marks, unmark
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
