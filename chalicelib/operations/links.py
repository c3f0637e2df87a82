"""The one builder of links: from the deployment's public address, since e-mails leave where there is no request."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from chalicelib.rules import links
from chalicelib.rules.addresses import compared
from chalicelib.rules.customers import Customer
from chalicelib.rules.invitations import Invitation, InvitationOver
from chalicelib.rules.refusals import NotFound
from chalicelib.settings import settings

OLDER_LINKS_KNOWN = 20


def url(path: str) -> str:
    """Return the full address of one of our pages."""
    return f"{settings().public_url}{path}"


def invitation_token(invitation: Invitation) -> str:
    version = str(invitation.link_version)
    return links.token(settings().link_key, "invitation", invitation.org, invitation.session, invitation.id, secret=version)


def invitation_link(invitation: Invitation) -> str:
    """Return the link that claims the invitation's spots: the same one until it is rotated."""
    return url(f"/i/{invitation_token(invitation)}")


def sessions_page(org: str) -> str:
    """Return the public page with the organisation's open sessions."""
    return url(f"/p/{org}")


def named_by(token: str) -> tuple[str, str, str]:
    """Return (org, session, own id) that an invitation's token names, or NotFound. `check_invitation_token` compares it with the row."""
    shown = links.parts(token)
    if len(shown) != 3 or not all(shown):
        raise NotFound
    org, session, own = shown
    return org, session, own


def check_invitation_token(invitation: Invitation | None, token: str) -> Invitation:
    """Return the invitation if the token is its link. Raises NotFound, and InvitationOver when a newer link replaced it."""
    if invitation is None:
        raise NotFound
    if links.genuine(settings().link_key, "invitation", token, str(invitation.link_version)):
        return invitation
    earlier = range(max(1, invitation.link_version - OLDER_LINKS_KNOWN), invitation.link_version)
    if any(links.genuine(settings().link_key, "invitation", token, str(version)) for version in earlier):
        raise InvitationOver("rotated")
    raise NotFound


def waitlist_token(org: str, session: str, entry: str) -> str:
    return links.token(settings().link_key, "waitlist", org, session, entry)


def waitlist_link(org: str, session: str, entry: str) -> str:
    """Return the page on which somebody sees their place on a waitlist, and leaves it."""
    return url(f"/waitlist/{waitlist_token(org, session, entry)}")


def waiting(token: str) -> tuple[str, str, str]:
    """Return (org, session, entry) that a waitlist's token names, or NotFound."""
    shown = links.parts(token)
    if len(shown) != 3 or not links.genuine(settings().link_key, "waitlist", token):
        raise NotFound
    org, session, entry = shown
    return org, session, entry


def unsubscribe_token(org: str, email: str) -> str:
    shown = urlsafe_b64encode(email.encode()).decode().rstrip("=")
    return links.token(settings().link_key, "unsubscribe", org, shown)


def unsubscribe_link(org: str, email: str) -> str:
    """Return the page on which an address stops what it does not want."""
    return unsubscribe_page(unsubscribe_token(org, email))


def unsubscribe_page(token: str) -> str:
    return url(f"/unsubscribe/{token}")


def unsubscribe_call(org: str, email: str) -> str:
    """Return the address for the one-click POST of RFC 8058."""
    return url(f"/v1/unsubscribe/{unsubscribe_token(org, email)}")


def unsubscribing(token: str) -> tuple[str, str]:
    """Return (org, address) that an unsubscribe token names, or NotFound."""
    shown = links.parts(token)
    if len(shown) != 2 or not links.genuine(settings().link_key, "unsubscribe", token):
        raise NotFound
    org, email = shown
    return org, urlsafe_b64decode(email + "=" * (-len(email) % 4)).decode()


def staff_activation_link(org: str, user_stand_in: str, link_version: int) -> str:
    """Return the page on which an invited member of the staff signs up."""
    return url(f"/activate/{links.token(settings().link_key, 'staff', org, user_stand_in, str(link_version))}")


def activating(token: str) -> tuple[str, str, int]:
    """Return (org, stand-in, link version) that a staff invitation's token names, or NotFound."""
    shown = links.parts(token)
    if len(shown) != 3 or not links.genuine(settings().link_key, "staff", token):
        raise NotFound
    org, stand_in, version = shown
    return org, stand_in, int(version)


def portal_activation_link(org: str, customer: str, link_version: int, *, email: str) -> str:
    """Return the page on which an invited customer chooses a password.

    The address that it is sent to is sealed in: the link must not open an account for another one that the customer has by then.
    """
    token = links.token(settings().link_key, "portal", org, customer, str(link_version), secret=compared(email))
    return url(f"/activate/{token}")


def activating_customer(token: str) -> tuple[str, str, int]:
    """Return (org, customer, link version) that a portal invitation's token names. `check_portal_token` compares it with the customer.

    Raises NotFound.
    """
    shown = links.parts(token)
    if len(shown) != 3 or not all(shown) or not shown[2].isdecimal():
        raise NotFound
    org, customer, version = shown
    return org, customer, int(version)


def check_portal_token(customer: Customer, token: str) -> None:
    """Raise NotFound unless the token is that of a link to the address that the customer has."""
    if not links.genuine(settings().link_key, "portal", token, compared(customer.email)):
        raise NotFound


def confirmation_link(org: str, joining: str) -> str:
    """Return the page on which whoever registered for the portal confirms the address."""
    return url(f"/confirm/{links.token(settings().link_key, 'confirm', org, joining)}")


def confirming(token: str) -> tuple[str, str]:
    """Return (org, joining) that a confirmation's token names, or NotFound."""
    shown = links.parts(token)
    if len(shown) != 2 or not links.genuine(settings().link_key, "confirm", token):
        raise NotFound
    org, joining = shown
    return org, joining


def calendar_feed(customer: Customer) -> str:
    """Return where a calendar program reads a customer's dates: it cannot sign in, so the address is the secret.

    It is bound to the account, and ends when the customer's changes.
    """
    token = links.token(settings().link_key, "calendar", customer.org, customer.id, secret=customer.user)
    return url(f"/v1/calendars/{token}.ics")


def feeding(token: str) -> tuple[str, str]:
    """Return (org, customer) that a feed's token names. `check_feed_token` compares it with the customer. Raises NotFound."""
    shown = links.parts(token)
    if len(shown) != 2 or not all(shown):
        raise NotFound
    org, customer = shown
    return org, customer


def check_feed_token(customer: Customer, token: str) -> None:
    """Raise NotFound unless the token is that of the customer's feed."""
    if not customer.user or not links.genuine(settings().link_key, "calendar", token, customer.user):
        raise NotFound


def portal_page(org: str, page: str) -> str:
    """Return one of the pages of an organisation's portal: sign-in, register, me, code."""
    return url(f"/p/{org}/{page}")


def password_reset_link(user: str, nonce: str) -> str:
    """Return the page on which a password is set anew."""
    return url(f"/reset/{links.token(settings().link_key, 'reset', user, nonce)}")


def resetting(token: str) -> tuple[str, str]:
    """Return (user, nonce) that a reset token names, or NotFound."""
    shown = links.parts(token)
    if len(shown) != 2 or not links.genuine(settings().link_key, "reset", token):
        raise NotFound
    user, nonce = shown
    return user, nonce


def invoice_token(org: str, number: str) -> str:
    return links.token(settings().link_key, "invoice", org, number)


def invoice_link(org: str, number: str) -> str:
    """Return the page of an invoice, for whoever has the link."""
    return url(f"/invoice/{invoice_token(org, number)}")


def stripe_webhook(org: str) -> str:
    """Return where Stripe is to tell an organisation's payments."""
    return url(f"/v1/stripe/{org}/webhook")


def invoiced(token: str) -> tuple[str, str]:
    """Return (org, number) that an invoice's token names, or NotFound."""
    shown = links.parts(token)
    if len(shown) != 2 or not links.genuine(settings().link_key, "invoice", token):
        raise NotFound
    org, number = shown
    return org, number


def registered_token(org: str, registration: str) -> str:
    """Return what lets whoever has just registered see their registration."""
    return links.token(settings().link_key, "registered", org, registration)


def registered_link(org: str, registration: str) -> str:
    """Return the page on which whoever booked sees their registration."""
    return url(f"/p/{org}/registered/{registered_token(org, registration)}")


def registered(token: str) -> tuple[str, str]:
    """Return (org, registration) that a registration's token names, or NotFound."""
    shown = links.parts(token)
    if len(shown) != 2 or not links.genuine(settings().link_key, "registered", token):
        raise NotFound
    org, registration = shown
    return org, registration
