from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("A session is cancelled"),
    placeholders=(*ABOUT_A_SESSION, "details", "link"),
    context="session",
    sample=("cancelled_session", "registration"),
)
