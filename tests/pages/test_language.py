"""The language of a member of staff: chosen once, it goes with them; without a choice their browser's counts."""

from collections.abc import Callable

from tests.pages.browser import Browser

LANGUAGE = "/o/demo/language"


def chosen(browser: Browser, language: str) -> None:
    response = browser.send(browser.get(LANGUAGE), {"language": language})
    assert response.status == 303, response.text


def spoken(browser: Browser, path: str = "/o/demo/notifications") -> str:
    return browser.get(path).html.partition('<html lang="')[2][:2]


def test_the_chosen_language_outweighs_that_of_the_browser(manager: Browser) -> None:
    assert spoken(manager) == "en"
    chosen(manager, "fr")
    assert spoken(manager) == "fr"
    assert "Langue enregistrée." in manager.get(LANGUAGE + "?done=language-chosen").text


def test_an_address_may_ask_for_another_language(manager: Browser) -> None:
    chosen(manager, "fr")
    assert spoken(manager, "/o/demo/notifications?lang=en") == "en"


def test_without_a_choice_the_browser_asks(as_role: Callable[[str], Browser]) -> None:
    browser = as_role("viewer")
    assert browser.get(LANGUAGE, **{"Accept-Language": "fr-CA"}).form().fields["language"] == "fr"


def test_each_member_chooses_for_themselves(as_role: Callable[[str], Browser]) -> None:
    chosen(as_role("viewer"), "fr")
    assert (spoken(as_role("viewer")), spoken(as_role("owner"))) == ("fr", "en")


def test_an_unknown_language_is_refused(manager: Browser) -> None:
    response = manager.send(manager.get(LANGUAGE), {"language": "xx"})
    assert (response.status, spoken(manager)) == (422, "en")


def test_a_refusal_and_a_fault_are_in_the_chosen_language(manager: Browser) -> None:
    chosen(manager, "fr")
    response = manager.send(manager.get("/o/demo/contracts/new"), {"name": ""})
    assert response.status == 422
    assert "Corrigez l" in response.text
