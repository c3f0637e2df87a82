"""E-mail templates over HTTP: reading, editing, and refusals that name the line."""

import pytest

from chalicelib.emails.kinds import KINDS
from chalicelib.languages import SUPPORTED
from tests.api.stored_items import nothing_stored
from tests.api.tenants import Office

HERE = "/templates/confirmation/fr"
OWN = {"subject": "Bienvenue : {{session_title}}", "body": "Bonjour {{customer_name}},\n\n{{details}}\n\n[J’y vais]({{link}})"}


def test_every_e_mail_is_listed_in_every_language(demo: Office) -> None:
    listed = demo.call("GET", "/templates?limit=200", by="viewer").json
    assert [(one["name"], one["locale"]) for one in listed["items"]] == [(name, locale) for name in KINDS for locale in SUPPORTED]
    assert listed["next"] is None
    assert {"name": "link", "means": listed["items"][0]["variables"][-1]["means"], "in_subject": False} == listed["items"][0]["variables"][
        -1
    ]


def test_a_template_is_edited_read_and_reset(demo: Office) -> None:
    usual = demo.call("GET", HERE, by="viewer")
    assert (usual.json["edited"], usual.json["subject"]) == (False, "Inscription confirmée\u00a0: {{session_title}}")
    written = demo.call("PUT", HERE, OWN, by="manager", headers={"If-Match": usual.headers["etag"]})
    assert (written.status, written.json["warnings"]) == (200, [])
    read = demo.call("GET", HERE, by="viewer")
    assert {name: read.json[name] for name in ("edited", "subject", "body", "changed_by")} == {
        "edited": True,
        **OWN,
        "changed_by": "manager@demo.test",
    }
    assert read.headers["etag"] == written.headers["etag"]
    assert demo.call("PUT", HERE, OWN, by="manager", headers={"If-Match": usual.headers["etag"]}).status == 412
    assert demo.call("DELETE", HERE, by="manager", headers={"If-Match": usual.headers["etag"]}).status == 412
    assert demo.call("DELETE", HERE, by="manager").status == 204
    assert demo.call("GET", HERE, by="viewer").json["body"] == usual.json["body"]


def test_a_preview_shows_the_whole_e_mail_and_stores_nothing(demo: Office) -> None:
    with nothing_stored():
        shown = demo.call(
            "POST", HERE + "/preview", {"subject": "Pour {{customer_name}}", "body": "<p onclick=x>Oui</p><script>x</script>"}, by="manager"
        )
    assert (shown.status, shown.json["subject"]) == (200, "Pour Ana Martin")
    assert shown.json["text"].startswith("http://127.0.0.1:8000/i/sample\n\nOui\n\nVoir mon inscription")
    assert "onclick" not in shown.json["html"]
    assert "<script" not in shown.json["html"]
    assert [warning["code"] for warning in shown.json["warnings"]] == ["html_removed", "link_appended"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_all_faults_are_reported_at_once_and_nothing_is_stored(method: str, demo: Office) -> None:
    body = {"subject": "{{link}} {{nope}}", "body": "Bonjour\n{{custmer_name}}\n\n{{link"}
    with nothing_stored():
        response = demo.call(method, HERE + ("/preview" if method == "POST" else ""), body, by="manager")
    assert (response.status, response.json["code"]) == (422, "validation_failed")
    assert [(error["field"], error["code"], error["detail"][:24]) for error in response.json["errors"]] == [
        ("/subject", "unknown_name", "Line 1: unknown variable"),
        ("/subject", "unknown_name", "Line 1: unknown variable"),
        ("/body", "unknown_name", "Line 2: unknown variable"),
        ("/body", "broken_braces", "Line 4: these braces do "),
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({**OWN, "subject": "Hello\r\nBcc: eve@example.org"}, ("/subject", "control_characters")),
        ({**OWN, "subject": "Hello\u2028Bcc: eve@example.org"}, ("/subject", "control_characters")),
        ({**OWN, "subject": " "}, ("/subject", "empty")),
        ({**OWN, "subject": "x" * 201}, ("/subject", "too_long")),
        ({**OWN, "body": "x" * 20_001}, ("/body", "too_long")),
        ({**OWN, "body": "a\x00b"}, ("/body", "control_characters")),
        ({**OWN, "body": "\ue000link\ue001"}, ("/body", "control_characters")),
        ({**OWN, "html": "x"}, ("/html", "unknown_field")),
        ({"subject": "x"}, ("/body", "missing")),
    ],
)
def test_text_that_could_break_a_header_or_a_page_is_refused(body: dict[str, str], fault: tuple[str, str], demo: Office) -> None:
    with nothing_stored():
        response = demo.call("PUT", HERE, body, by="manager")
    assert response.status == 422
    assert fault in response.faults


@pytest.mark.parametrize(
    "path", ["/templates/nothing/fr", "/templates/confirmation/xx", "/templates/waitlist/en%23x", "/templates/confirmation%23fr/fr"]
)
def test_an_unknown_template_is_not_found(path: str, demo: Office) -> None:
    assert demo.call("GET", path, by="viewer").status == 404
    assert demo.call("PUT", path, OWN, by="manager").status == 404
