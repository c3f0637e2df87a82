from chalicelib.emails.declaration import Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Invitation of staff"),
    placeholders=("staff_name", "organisation_name", "link"),
    context="staff_invitation",
    sample=("member",),
    sample_page="activate",
)
