"""Security headers on every answer."""

import pytest

from chalicelib.web import headers
from tests.environment import forget
from tests.http import call

EVERYWHERE = ["/", "/docs", "/nothing", "/o/demo", "/v1/health", "/v1/nothing", "/v1/me", "/v1/openapi.json", "/v1/unsubscribe/x", "/i/x"]


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", EVERYWHERE)
def test_every_answer_carries_them(method: str, path: str) -> None:
    response = call(method, path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" not in response.headers


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("path", ["/", "/v1/health", "/v1/nothing"])
def test_a_deployment_is_opened_over_https_only(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLBOOK_PUBLIC_URL", "https://rollbook.example")
    forget()
    assert call("GET", path).headers["strict-transport-security"] == "max-age=31536000"


def test_what_an_answer_sets_itself_stays() -> None:
    own = {"content-security-policy": "default-src 'self'", "Referrer-Policy": "same-origin"}
    headers.secure(own)
    assert own == {**own, "content-security-policy": "default-src 'self'", "Referrer-Policy": "same-origin"}
    assert "Content-Security-Policy" not in own


def test_a_pdf_may_be_shown_by_the_browser_s_own_viewer() -> None:
    pdf = {"Content-Type": "application/pdf"}
    headers.secure(pdf)
    assert "object-src 'self'" in pdf["Content-Security-Policy"]
