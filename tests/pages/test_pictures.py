"""Pictures on pages: uploaded by staff, shown to families, fetched by other programs."""

import re
from base64 import b64decode
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from chalicelib.operations import organisations
from chalicelib.rules.sessions import Session
from tests.operations.pictures.test_shrink import picture
from tests.pages.browser import Browser, Page

pytestmark = pytest.mark.usefixtures("bucket")
IMAGE = re.compile(r'<img class="(\w+)" src="([^"]+)" width="(\d+)" height="(\d+)" alt="([^"]*)"')


def upload(browser: Browser, path: str, content: bytes, **fields: str) -> Page:
    form = browser.get(path).form(path)
    known = {name: value for name, value in form.fields.items() if name not in {"file", "remove"}}
    return browser.send_file(path, {**known, **fields}, content)


def shown(page: Page) -> dict[str, tuple[str, ...]]:
    return {found[0]: found[1:] for found in IMAGE.findall(page.html)}


def test_a_picture_is_shown_wherever_the_session_is(manager: Browser, visitor: Browser, session: Session) -> None:
    response = upload(manager, f"/o/demo/sessions/{session.id}/picture", picture("JPEG", (80, 60)), alt="Two judokas")
    assert (response.status, urlsplit(response.headers["location"]).path) == (303, f"/o/demo/sessions/{session.id}")
    for path in ("/p/demo", f"/p/demo/sessions/{session.id}"):
        source, *about = shown(visitor.get(path))["picture"]
        assert about == ["80", "60", "Two judokas"], path
    drawn = visitor.get(source)
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "img-src data:" in drawn.headers["content-security-policy"]
    inside = re.search(r"data:image/jpeg;base64,([^\"]+)", drawn.html)
    assert inside
    assert b64decode(inside[1]).startswith(b"\xff\xd8")


def test_other_programs_are_led_to_the_file(manager: Browser, visitor: Browser, session: Session) -> None:
    upload(manager, f"/o/demo/sessions/{session.id}/picture", picture("JPEG"))
    page = visitor.get(f"/p/demo/sessions/{session.id}")
    found = re.search(r'<meta property="og:image" content="http://127.0.0.1:8000([^"]+)">', page.html)
    assert found
    response = visitor.get(found[1])
    assert response.status == 303
    assert response.headers["location"].startswith("https://rollbook-test-pictures-123456789012.s3.eu-central-1.amazonaws.com/demo/")
    assert "X-Amz-Expires=600" in response.headers["location"]
    assert 'content="summary_large_image"' in page.html


def test_it_can_be_described_anew_and_removed(manager: Browser, visitor: Browser, session: Session) -> None:
    path = f"/o/demo/sessions/{session.id}/picture"
    assert upload(manager, path, b"", alt="x").status == 422, "nothing to describe"
    upload(manager, path, picture("JPEG"), alt="Two judokas")
    upload(manager, path, b"", alt="Three judokas")
    assert shown(visitor.get("/p/demo"))["picture"][-1] == "Three judokas"
    upload(manager, path, b"", remove="true")
    assert "picture" not in shown(visitor.get("/p/demo"))


def test_what_is_no_picture_is_refused_with_what_was_typed(manager: Browser, session: Session) -> None:
    response = upload(manager, f"/o/demo/sessions/{session.id}/picture", b"<svg/>", alt="Two judokas")
    assert response.status == 422
    assert "not a picture that we can show" in response.text
    assert 'value="Two judokas"' in response.html


def test_a_logo_stands_at_the_head_of_public_pages(as_role: Callable[[str], Browser], visitor: Browser, session: Session) -> None:
    owner = as_role("owner")
    upload(owner, "/o/demo/settings/logo", picture("PNG", (90, 30)))
    assert shown(visitor.get("/p/demo"))["logo"][1:] == ("90", "30", "")
    logo = organisations.read("demo").logo
    assert logo is not None
    assert f'content="http://127.0.0.1:8000/pictures/demo/logo/{logo.name}"' in visitor.get("/p/demo").html
    assert "Change the logo" in owner.get("/o/demo/settings").text
    upload(owner, "/o/demo/settings/logo", b"", remove="true")
    assert "logo" not in shown(visitor.get("/p/demo"))


@pytest.mark.parametrize("name", ["x.jpg", "x.svg", "0" * 64 + "-1x1.jpg.svg"])
def test_an_unknown_picture_is_not_found(visitor: Browser, session: Session, name: str) -> None:
    assert visitor.get(f"/pictures/demo/logo/{name}").status == 404
