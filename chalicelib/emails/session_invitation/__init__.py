from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Invitation to a session"),
    placeholders=(*ABOUT_A_SESSION, "price", "spots", "held_until", "details", "link"),
    context="session",
    sample=("session", "invitation"),
    unsubscribable=True,
    lists_price=True,
)
