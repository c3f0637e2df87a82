from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("A family cancelled its booking"),
    placeholders=(*ABOUT_A_SESSION, "participants", "details", "link"),
    context="session",
    sample=("session", "registration"),
)
