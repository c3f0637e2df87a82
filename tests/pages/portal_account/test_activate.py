"""A portal invitation leads to an account."""

from urllib.parse import urlsplit

from chalicelib.operations import links
from chalicelib.operations.auth import user_pool as pool
from chalicelib.rules.customers import Customer
from chalicelib.tables import customers
from tests.pages.browser import Browser
from tests.pages.portal_account.ana import ANA, CHOSEN, HERE, PASSWORD


def _link(customer: Customer) -> str:
    return urlsplit(links.portal_activation_link(customer.org, customer.id, customer.link_version, email=customer.email)).path


def test_a_portal_invitation_leads_to_the_dashboard(invited: Customer, visitor: Browser) -> None:
    page = visitor.get(_link(invited))
    assert "Choose a password for ana@example.org" in page.text
    assert "Demo" in page.text
    response = visitor.send(page, CHOSEN)
    assert urlsplit(response.headers["location"]).path == f"{HERE}/sign-in"
    sign_in = visitor.follow(response)
    assert "Your account is ready." in sign_in.text
    assert sign_in.form().fields["email"] == ANA
    assert visitor.get(f"{HERE}/sign-in").form().fields["email"] == "", "nobody has just proved an address"
    home = visitor.send(sign_in, {"email": ANA, "password": PASSWORD})
    assert home.headers["location"] == f"{HERE}/me"
    assert "Hello Ana" in visitor.follow(home).text
    again = visitor.get(_link(invited))
    assert (again.status, again.links.count(f"{HERE}/sign-in"), "Demo" in again.text) == (410, 1, True)


def test_a_password_that_differs_from_its_confirmation_is_refused(invited: Customer, visitor: Browser) -> None:
    response = visitor.send(visitor.get(_link(invited)), {**CHOSEN, "password_confirmation": "another-Passw0rd"})
    assert response.status == 422
    assert "The passwords donThe passwords don"  # 39;t match" in answer.described("password_confirmation")
    assert PASSWORD not in response.html
    assert customers.get("demo", "ana").status == "invited"


def test_a_customer_with_an_account_joins_with_its_password(invited: Customer, visitor: Browser) -> None:
    pool.sign_up(ANA, PASSWORD)
    page = visitor.get(_link(invited))
    assert "has an account here already" in page.text
    assert visitor.send(page, {"password": "wrong"}).status == 401
    assert "part of your account now" in visitor.follow(visitor.send(page, {"password": PASSWORD})).text
