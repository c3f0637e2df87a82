"""The reference of the API: each route with its audience, its answers and its refusals."""

from tests.pages.browser import Browser


def test_routes_are_shown_with_who_may_call_them(visitor: Browser) -> None:
    page = visitor.get("/docs")
    assert page.status == 200
    for path, who in (("/v1/health", "anybody"), ("/v1/me", "signed in"), ("/v1/orgs/{org}/invoices", "staff: viewer")):
        about = page.text.partition(f" {path} ")[2]
        assert about.partition("May be called by ")[2].startswith(f"{who}. Answers 200"), path
