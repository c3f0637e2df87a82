from chalicelib.emails.declaration import ABOUT_A_SESSION, Declaration
from chalicelib.rules.translation import N_

DECLARATION = Declaration(
    label=N_("A registration has moved to another session"),
    placeholders=(*ABOUT_A_SESSION, "price", "spots", "participants", "details", "link"),
    context="session",
    sample=("session", "registration"),
    lists_price=True,
)
