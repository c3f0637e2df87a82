from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("Offer to somebody on the waitlist"),
    placeholders=(*ABOUT_A_SESSION, "price", "spots", "held_until", "details", "link"),
    context="session",
    sample=("session", "offer", "waiting"),
    lists_price=True,
)
