from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("A cancelled date takes place after all"),
    placeholders=(*ABOUT_A_SESSION, "details", "link"),
    context="session",
    sample=("session", "registration", "meeting"),
)
