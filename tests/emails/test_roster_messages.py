"""Roster messages: the staff's text with its line breaks, never interpreted as markup."""

import pytest

from chalicelib.emails import render
from chalicelib.rules.letters import StaffText
from chalicelib.rules.messages import Content
from tests.samples import LINK, NOW, letter


def written(text: str, subject: str = "Bring a towel") -> Content:
    return render.write(letter("roster_message", staff_text=StaffText(subject, text)), now=NOW).content


def test_subject_and_text_are_unchanged() -> None:
    content = written("Dear all,\n\nplease bring:\na towel\na cup")
    assert content.subject == "Bring a towel"
    assert content.text.splitlines()[:11] == [
        LINK,
        "",
        "Bring a towel",
        "",
        "Atelier Lumière writes to you about Pottery:",
        "",
        "Dear all,",
        "",
        "please bring:",
        "a towel",
        "a cup",
    ]
    assert ">Dear all,</p>" in content.html
    assert ">please bring:<br>\na towel<br>\na cup</p>" in content.html


def test_it_comes_from_the_organisation_and_cannot_be_unsubscribed_from() -> None:
    mail = render.write(letter("roster_message"), now=NOW)
    assert (mail.sender_name, mail.reply_to, mail.headers) == ("Atelier Lumière", "hello@atelier.example", {})
    assert "You get this e-mail because this address was registered for a session of Atelier Lumière." in mail.content.text


def test_nothing_that_staff_type_becomes_markup_or_a_template() -> None:
    typed = "<script>alert(1)</script> & {{ letter.link }} {% if %} %(organisation)s \"quoted\" 'so'"
    content = written(typed, subject="<b>Hi</b> {{ 1 }}")
    assert typed in content.text
    assert "<script" not in content.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{ letter.link }} {% if %} %(organisation)s" in content.html
    assert "<b>" not in content.html
    assert "&lt;b&gt;Hi&lt;/b&gt; {{ 1 }}" in content.html


@pytest.mark.parametrize(
    ("typed", "link", "rest"),
    [
        ("More: https://atelier.example/list?a=1&b=2.", "https://atelier.example/list?a=1&amp;b=2", "."),
        ("(see http://atelier.example)", "http://atelier.example", ")"),
        ("https://atelier.example/a'onclick='x", "https://atelier.example/a&#39;onclick=&#39;x", ""),
        ("https://atelier.example/<b>", "https://atelier.example/", "&lt;b&gt;"),
    ],
)
def test_web_addresses_become_links(typed: str, link: str, rest: str) -> None:
    content = written(typed)
    assert f'<a href="{link}" style="color:#3b4844;word-break:break-word;">{link}</a>{rest}</p>' in content.html
    assert typed in content.text


@pytest.mark.parametrize("typed", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.example", "https://", "atelier.example"])
def test_nothing_else_does(typed: str) -> None:
    assert f">{typed}</p>" in written(typed).html


def test_paragraphs_are_parted_by_lines_that_look_empty() -> None:
    assert "One\n\nTwo\n\nThree" in written("One\n \t\nTwo\n\n\n\nThree").text
