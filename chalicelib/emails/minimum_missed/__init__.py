from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Too few participants, to staff"),
    placeholders=("staff_name", "organisation_name", "session_title", "session_dates", "session_place", "details", "link"),
    context="minimum",
    sample=("missed_session", "member"),
)
