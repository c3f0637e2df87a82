"""The stage prefix of API Gateway: in every link, form and file URL without a custom domain, and in none with one."""

from collections.abc import Callable

import pytest

from chalicelib.config import config
from chalicelib.rules.invitations import Invitation
from chalicelib.rules.sessions import Session
from tests.aws import Demo
from tests.http import gateway
from tests.pages.browser import Browser

HOST = "abc.execute-api.eu-central-1.amazonaws.com"


@pytest.fixture
def deployed(demo_org: Demo, monkeypatch: pytest.MonkeyPatch) -> Browser:
    """A manager's browser at a deployment without a custom domain."""
    monkeypatch.setenv("ROLLBOOK_PUBLIC_URL", f"https://{HOST}/api")
    config.cache_clear()
    browser = Browser(gateway, host=HOST)
    browser.cookies["__Host-rollbook-access"] = demo_org.manager
    return browser


def test_every_url_on_a_page_has_the_prefix(deployed: Browser, session: Session, invite: Callable[..., tuple[Invitation, str]]) -> None:
    made, _ = invite("ana@example.org")
    own = f"{session.id}-{made.id}"
    pages = [
        "/",
        "/o/demo",
        f"/o/demo/sessions/{session.id}",
        f"/o/demo/invitations/{own}/cancel",
        "/o/demo/sessions/new",
        "/p/demo",
        "/nothing",
    ]
    for path in pages:
        page = deployed.get(path)
        addresses = [link for link in page.links if link] + [form.action for form in page.forms if form.action]
        strangers = [one for one in addresses if not one.startswith(("/api/", f"https://{HOST}/api/", "#", "?", "mailto:"))]
        assert strangers == [], path
        assert 'formaction="/o' not in page.html
        assert 'href="/static' not in page.html


def test_a_refusal_leads_back_without_doubling_it(deployed: Browser, session: Session) -> None:
    came_from = f"/api/o/demo/sessions/{session.id}"
    response = deployed.post(
        f"/o/demo/invitations/{session.id}-x/resend", {}, Origin=f"https://{HOST}", Referer=f"https://{HOST}{came_from}"
    )
    assert response.status == 404
    refused = deployed.post(f"/o/demo/sessions/{session.id}/invite", {}, Origin="", Referer="https://evil.example" + came_from)
    assert refused.status == 403
    deleted = deployed.post(f"/o/demo/sessions/{session.id}/delete", {}, Origin=f"https://{HOST}", Referer=f"https://{HOST}{came_from}")
    assert deleted.headers["location"] == "/api/o/demo/sessions?done=deleted"


@pytest.mark.parametrize("came_from", ["/api/o/demo/sessions", "/api//evil.example", "/other"])
def test_the_way_back_is_a_page_of_this_host(came_from: str, deployed: Browser, demo_org: Demo) -> None:
    deployed.cookies["__Host-rollbook-access"] = demo_org.viewer
    refused = deployed.get("/o/demo/sessions/new", Referer=f"https://{HOST}{came_from}")
    assert refused.status == 403
    assert {"/api/o/demo/sessions": "/api/o/demo/sessions", "/api//evil.example": "/api/", "/other": "/api/other"}[
        came_from
    ] in refused.links
