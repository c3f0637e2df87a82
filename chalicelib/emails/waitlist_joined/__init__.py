from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Confirmation of a place on the waitlist"),
    placeholders=(*ABOUT_A_SESSION, "spots", "details", "link"),
    context="session",
    sample=("session", "waiting"),
    sample_page="waitlist",
)
