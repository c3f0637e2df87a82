"""The template editor, without JavaScript."""

from collections.abc import Callable

import pytest

from tests.pages.browser import Browser

HERE = "/o/demo/templates/session_invitation/fr"


def test_a_template_is_previewed_saved_and_reset(manager: Browser) -> None:
    usual = manager.get(HERE)
    assert "Default text" in usual.text
    tried = manager.send(
        usual, {"subject": "Viens, {{customer_name}} !", "body": "<p onclick=x>Ici</p><script>alert(1)</script>", "do": "preview"}
    )
    assert "Viens, ana@example.org !" in tried.text
    assert "Left out" in tried.text
    assert "alert(1)" not in tried.html.partition('id="shown"')[2]
    assert "Default text" in manager.get(HERE).text
    assert manager.send(tried, {"do": "save"}).status == 303
    assert "Changed by manager@demo.test" in manager.get(HERE).text
    assert "edited" in manager.get("/o/demo/templates").text
    assert manager.send(manager.get(HERE + "/reset"), {}).status == 303
    assert "Default text" in manager.get(HERE).text


def test_a_fault_is_shown_at_its_field_and_the_form_keeps_its_values(manager: Browser) -> None:
    response = manager.send(manager.get(HERE), {"body": "a\n{{nope}}", "do": "save"})
    assert response.status == 422
    assert "Line 2: unknown variable {{nope}}" in response.described("body")
    assert "a\n{{nope}}" in response.html


def test_two_who_edit_at_once_do_not_overwrite_each_other(manager: Browser) -> None:
    first = manager.get(HERE)
    assert manager.send(first, {"subject": "One", "do": "save"}).status == 303
    assert manager.send(first, {"subject": "Two", "do": "save"}).status == 412


def test_viewers_read_the_template_without_its_editor(as_role: Callable[[str], Browser]) -> None:
    page = as_role("viewer").get(HERE)
    assert "{{held_until}}" in page.text
    assert "Variables" not in page.text


@pytest.mark.parametrize(
    "path", ["/o/demo/templates/nothing/fr", "/o/demo/templates/confirmation/xx", "/o/demo/templates/nothing/fr/reset"]
)
def test_an_unknown_template_is_not_found(path: str, manager: Browser) -> None:
    assert manager.get(path).status == 404
