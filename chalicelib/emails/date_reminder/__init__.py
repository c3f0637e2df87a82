from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Reminder before a date"),
    placeholders=(*ABOUT_A_SESSION, "participants", "details", "link"),
    context="session",
    sample=("session", "registration", "meeting"),
    sample_page="b",
    optional=True,
)
