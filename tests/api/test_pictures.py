"""Pictures of sessions and the logo, over HTTP."""

from tests.api.bodies import session_body
from tests.api.tenants import DOT, Office
from tests.http import Response
from tests.operations.pictures.test_shrink import picture

BYTES = {"Content-Type": "application/octet-stream"}


def send(office: Office, path: str, content: bytes, headers: dict[str, str] = BYTES, *, role: str = "manager") -> Response:
    return office.call("POST", path, content, headers=headers, by=role)


def form(content: bytes, **fields: str) -> tuple[bytes, dict[str, str]]:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts.append(b'Content-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n' + content)
    body = b"".join(b"--xyz\r\n" + part + b"\r\n" for part in parts) + b"--xyz--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=xyz"}


def test_a_session_has_a_picture(demo: Office) -> None:
    session = demo.session()
    path = f"/sessions/{session}/picture"
    response = send(demo, path, *form(picture("WEBP", (80, 60)), alt="Two judokas", key="ignored"))
    assert response.status == 200, response.text
    shown = response.json["picture"]
    assert (shown["width"], shown["height"], shown["alt"]) == (80, 60, "Two judokas")
    assert shown["url"].startswith(f"http://127.0.0.1:8000/pictures/demo/{session}/")
    assert demo.call("GET", f"/sessions/{session}").json["picture"] == shown
    assert send(demo, path, picture("WEBP", (80, 60))).json["picture"] == {**shown, "alt": ""}
    assert demo.call("POST", path, {"alt": "Three"}).json["picture"] == {**shown, "alt": "Three"}
    assert demo.call("DELETE", path).status == 204
    assert demo.call("GET", f"/sessions/{session}").json["picture"] is None
    assert demo.call("DELETE", path).status == 204


def test_a_picture_is_for_the_following_of_its_series_too(demo: Office) -> None:
    made = demo.call("POST", "/sessions", session_series()).json["items"]
    send(demo, f"/sessions/{made[1]['id']}/picture", *form(DOT, following="true"))
    shown = [demo.call("GET", f"/sessions/{one['id']}").json["picture"] for one in made]
    assert [bool(one) for one in shown] == [False, True, True]
    assert shown[1]["url"] != shown[2]["url"], "each has its own"


def session_series() -> dict[str, object]:
    return session_body(repeat={"times": 3, "as": "series"})


def test_what_is_no_picture_is_refused(demo: Office) -> None:
    path = f"/sessions/{demo.session()}/picture"
    for content, code in ((b"<svg/>", "not_a_picture"), (picture("GIF"), "not_a_picture"), (b"", "no_file")):
        response = send(demo, path, content)
        assert (response.status, response.json["code"]) == (422, code), content[:9]
    assert demo.call("POST", path, {"alt": "x"}).json["code"] == "no_picture"
    wrong = send(demo, path, *form(DOT, following="perhaps"))
    assert wrong.faults == {("/following", "not_yes_or_no")}
    assert send(demo, path, b"x" * (4 * 1024 * 1024 + 70_000)).status == 413
    assert send(demo, path, DOT, {"Content-Type": "image/png"}).status == 415


def test_an_organisation_has_a_logo(demo: Office) -> None:
    assert send(demo, "/logo", DOT).status == 403, "a manager"
    made = send(demo, "/logo", *form(DOT, alt="A tree"), role="owner")
    assert (made.status, made.json["logo"]["alt"]) == (200, "A tree")
    assert made.json["logo"]["url"].startswith("http://127.0.0.1:8000/pictures/demo/logo/")
    assert demo.call("GET", "").json["logo"] == made.json["logo"]
    assert demo.call("DELETE", "/logo", by="owner").status == 204
    assert demo.call("GET", "").json["logo"] is None
