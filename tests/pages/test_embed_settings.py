"""The page about embedding: the sites that may show the public pages, and the line to copy."""

from collections.abc import Callable
from html import unescape

import pytest

from chalicelib.operations import organisations
from chalicelib.rules.inputs.organisations import OrganisationChanges
from tests.pages.browser import Browser

EMBEDDING = "/o/demo/integrations/embedding"


@pytest.fixture
def owner(as_role: Callable[[str], Browser]) -> Browser:
    return as_role("owner")


def test_sites_are_saved_one_in_each_line(owner: Browser) -> None:
    typed = "https://www.studio.example/\r\n\r\n http://localhost:3000 \r\nhttps://www.studio.example"
    done = owner.follow(owner.send(owner.get(EMBEDDING), {"embed_origins": typed}))
    assert "Saved. These sites may show your pages." in done.text
    assert organisations.read("demo").embed_origins == ("http://localhost:3000", "https://www.studio.example")
    assert done.form().fields["embed_origins"].split() == ["http://localhost:3000", "https://www.studio.example"]


def test_the_list_may_be_emptied(owner: Browser) -> None:
    organisations.change("demo", OrganisationChanges(embed_origins=["https://www.studio.example"]), expected=None)
    owner.send(owner.get(EMBEDDING), {"embed_origins": " \r\n"})
    assert organisations.read("demo").embed_origins == ()


@pytest.mark.parametrize("wrong", ["http://www.studio.example", "studio.example", "https://*.studio.example", "https://x.example/p"])
def test_a_wrong_line_is_named_and_nothing_is_saved(wrong: str, owner: Browser) -> None:
    again = owner.send(owner.get(EMBEDDING), {"embed_origins": f"https://www.studio.example\r\n{wrong}"})
    assert again.status == 422
    assert wrong in again.described("embed_origins")
    assert wrong in again.form().fields["embed_origins"]
    assert organisations.read("demo").embed_origins == ()


def test_too_many_are_refused(owner: Browser) -> None:
    many = "\n".join(f"https://{number}.example" for number in range(21))
    assert owner.send(owner.get(EMBEDDING), {"embed_origins": many}).described("embed_origins") == "These are too many."


def test_the_line_to_copy_leads_to_the_sessions(owner: Browser) -> None:
    organisations.change("demo", OrganisationChanges(name="Jazz & <b>Tap</b>", locale="fr"), expected=None)
    line = unescape(owner.get(EMBEDDING).html.partition('id="snippet" ')[2].partition(">")[2].partition("</textarea>")[0]).strip()
    assert line == (
        '<a href="http://127.0.0.1:8000/p/demo" data-rollbook>Réserver chez Jazz &amp; &lt;b&gt;Tap&lt;/b&gt;</a>'
        '<script async src="http://127.0.0.1:8000/embed.js"></script>'
    )


def test_only_owners_open_it(as_role: Callable[[str], Browser]) -> None:
    for role in ("manager", "viewer", "leader"):
        assert as_role(role).get(EMBEDDING).status == 403
