from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("What staff write to the roster"),
    placeholders=(*ABOUT_A_SESSION, "message_subject", "message", "details", "link"),
    context="roster_message",
    sample=("session", "registration", "staff_text"),
    required="message",
)
