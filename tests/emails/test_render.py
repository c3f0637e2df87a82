"""The content of each kind of e-mail."""

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chalicelib.emails import render
from chalicelib.emails.kinds import declaration
from chalicelib.rules.colours import contrast
from chalicelib.rules.letters import Letter
from chalicelib.rules.messages import Content, EmailKind
from chalicelib.rules.money import Money
from chalicelib.rules.sessions import Meeting, Tier
from tests.samples import ABOUT, INVITATION, LINK, NOW, ORGANISATION, REGISTRATION, SESSION, STARTS, UNSUBSCRIBE_LINKS, letter

EVERY = [(kind, locale) for kind in ABOUT for locale in ("en", "fr")]


def written(wanted: Letter) -> Content:
    return render.write(wanted, now=NOW).content


class Page(HTMLParser):
    """The text and the links of an HTML document."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.shown = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.shown += data


def test_every_folder_is_an_e_mail_of_some_kind() -> None:
    folders = {path.parent.name for path in Path(render.__file__).parent.glob("*/letter.txt")}
    assert folders == set(ABOUT)


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_the_main_link_comes_first_and_alone_in_the_text(kind: EmailKind, locale: str) -> None:
    text = written(letter(kind, locale)).text
    assert text.splitlines()[:2] == [LINK, ""]
    assert "{" not in text
    assert "\n\n\n" not in text


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_the_html_has_the_button_and_the_bare_link_and_says_why(kind: EmailKind, locale: str) -> None:
    content = written(letter(kind, locale))
    page = Page(content.html)
    assert page.links[:2] == [LINK, LINK]
    assert LINK in page.shown
    assert {"en": "You get this e-mail because", "fr": "Vous recevez cet e-mail, car"}[locale] in page.shown
    assert not {"script", "img", "link"} & set(page.tags), "nothing is fetched, nothing is run"
    assert not {"url(", "@import"} & set(re.findall(r"url\(|@import", content.html)), "the style for dark screens fetches nothing"
    assert "@media (prefers-color-scheme: dark)" in content.html


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_only_unsubscribable_emails_offer_to_unsubscribe(kind: EmailKind, locale: str) -> None:
    mail = render.write(letter(kind, locale), now=NOW)
    offered = UNSUBSCRIBE_LINKS.page in mail.content.text and UNSUBSCRIBE_LINKS.page in Page(mail.content.html).links
    assert offered == (declaration(kind).unsubscribable)
    assert ("List-Unsubscribe" in mail.headers) == offered


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_every_email_that_leaves_automatically_says_so(kind: EmailKind, locale: str) -> None:
    marked = render.write(letter(kind, locale), now=NOW).headers.get("Auto-Submitted")
    assert marked == (None if kind == "roster_message" else "auto-generated"), "only staff's own words may be answered automatically"


def test_an_invitation_says_who_what_when_where_how_many_and_until_when() -> None:
    content = written(letter("session_invitation"))
    assert content.subject == "Atelier Lumière invites you to Pottery"
    assert content.text.splitlines() == [
        LINK,
        "",
        "You are invited to Pottery",
        "",
        "Atelier Lumière invites you. 2 spots are held for you until Sunday 29 November 2026, 13:00 (Europe/Paris).",
        "",
        "When: Tuesday 1 December 2026, 16:00–17:30 (Europe/Paris)",
        "Where: 12 rue des Lilas",
        "Price: 2 × €12.50 = €25.00",
        "",
        f"Register: {LINK}",
        "",
        "Can't make it? Decline on the same page to free the spots.",
        "",
        "--",
        "Atelier Lumière",
        "You get this e-mail because Atelier Lumière invited this address to one of its sessions.",
        f"Unsubscribe from invitations: {UNSUBSCRIBE_LINKS.page}",
    ]


def test_an_invitation_in_french() -> None:
    content = written(letter("session_invitation", "fr", invitation=replace(INVITATION, party_size=1)))
    assert content.subject == "Atelier Lumière vous invite\u00a0: Pottery"
    assert "1 place vous est réservée jusqu’au dimanche 29 novembre 2026 à 13\u00a0h (Europe/Paris)." in content.text
    assert "Quand\u00a0: mardi 1er décembre 2026, 16\u00a0h\u00a0–\u00a017\u00a0h\u00a030 (Europe/Paris)" in content.text
    assert "Prix\u00a0: 12,50\u00a0€" in content.text


def test_an_invitation_before_registration_opens_says_that_it_may_be_used_now() -> None:
    early = replace(SESSION, registration_opens_at=NOW + timedelta(days=1))
    assert "With this invitation you may register now." in written(letter("session_invitation", session=early)).text


def test_a_locked_invitation_says_for_whom_it_is() -> None:
    locked = replace(INVITATION, forwarding="locked")
    assert "meant for it alone" in written(letter("session_invitation", invitation=locked)).text


@pytest.mark.parametrize(
    ("invited", "tiers", "line"),
    [
        ({}, SESSION.tiers, "Price: 2 × €12.50 = €25.00"),
        ({"party_size": 1}, SESSION.tiers, "Price: €12.50"),
        ({"tier": "t1", "price": Money(1000, "EUR")}, SESSION.tiers, "Price: 2 × €10.00 = €20.00"),
        (
            {"tier": "t2", "price": Money(500, "EUR")},
            (*SESSION.tiers, Tier("t2", "Child", Money(600, "EUR"))),
            "Price: 2 × €5.00 = €10.00 · Child",
        ),
        ({}, (Tier("t1", "Family", Money(0, "EUR")),), "Price: Free of charge"),
        ({}, (*SESSION.tiers, Tier("t2", "Child", Money(600, "EUR"))), None),
    ],
)
def test_the_price_is_said_where_it_is_fixed(invited: dict[str, object], tiers: tuple[Tier, ...], line: str | None) -> None:
    wanted = letter("session_invitation", session=replace(SESSION, tiers=tiers), invitation=replace(INVITATION, **invited))  # type: ignore[arg-type]
    prices = [shown for shown in written(wanted).text.splitlines() if shown.startswith("Price")]
    assert prices == ([line] if line else [])


def test_a_course_lists_its_dates_and_names_the_zone_once() -> None:
    meetings = tuple(Meeting(f"m{week}", STARTS + timedelta(weeks=week), STARTS + timedelta(weeks=week, hours=1)) for week in range(10))
    text = written(letter("session_invitation", session=replace(SESSION, meetings=meetings))).text
    assert "When:\n  Tuesday 1 December 2026, 16:00–17:00\n" in text
    assert "\n  and 2 more dates\n  Time zone: Europe/Paris\nWhere: 12 rue des Lilas\n" in text


def test_a_confirmation_says_who_when_how_much_and_what_happens_next() -> None:
    content = written(letter("confirmation"))
    assert content.subject == "You are registered: Pottery"
    for line in (
        "Hello Ana Martin,",
        "Registered:\n  Zoé Martin\n  Léo Martin",
        "When: Tuesday 1 December 2026, 16:00–17:30 (Europe/Paris)",
        "Price: 2 × €12.50 = €25.00",
        "Payment: You pay later: Atelier Lumière will send payment details.",
        "What happens next:",
        "Just reply to this e-mail.",
    ):
        assert line in content.text


@pytest.mark.parametrize(
    ("billing", "instructions", "said"),
    [
        ("paid", "By transfer", "Payment: Paid. Thank you!"),
        ("invoiced", "", "Payment: You get an invoice by e-mail."),
        ("unpaid", "By transfer to FR76.", "Payment: By transfer to FR76."),
    ],
)
def test_a_confirmation_says_how_to_pay(billing: str, instructions: str, said: str) -> None:
    wanted = letter(
        "confirmation",
        registration=replace(REGISTRATION, billing=billing),  # type: ignore[arg-type]
        organisation=replace(ORGANISATION, payment_instructions=instructions),
    )
    assert said in written(wanted).text


def test_a_free_session_says_nothing_of_paying() -> None:
    text = written(letter("confirmation", registration=replace(REGISTRATION, price=Money(0, "EUR")))).text
    assert "Free of charge" in text
    assert "Payment" not in text


def test_a_course_joined_late_confirms_the_dates_that_are_left() -> None:
    meetings = (Meeting("m0", NOW - timedelta(days=7), NOW - timedelta(days=7, hours=-1)), *SESSION.meetings)
    text = written(letter("confirmation", session=replace(SESSION, meetings=meetings))).text
    assert "15 November" not in text
    assert "1 December" in text


def test_without_an_address_to_reply_to_nobody_is_told_to_reply() -> None:
    text = written(letter("confirmation", organisation=replace(ORGANISATION, reply_to=""))).text
    assert "reply" not in text
    assert "Contact Atelier Lumière." in text


def test_a_moved_session_shows_how_it_was() -> None:
    content = written(letter("session_moved"))
    assert (
        "When: Tuesday 1 December 2026, 16:00–17:30 (Europe/Paris)\nBefore: Monday 30 November 2026, 16:00–18:00 (Europe/Paris)"
        in content.text
    )
    assert "Where: 12 rue des Lilas\nBefore: Town hall\n" in content.text
    assert content.html.count("line-through") == 2


def test_a_moved_session_tells_the_invited_until_when_they_may_register() -> None:
    text = written(letter("session_moved", registration=None, invitation=INVITATION)).text
    assert f"Register: {LINK}" in text
    assert "your spots are held until Sunday 29 November 2026, 13:00 (Europe/Paris)." in text


def test_a_cancelled_session_gives_the_reason_and_speaks_of_money_that_was_paid() -> None:
    cancelled = replace(SESSION, cancelled_at=NOW, cancel_reason="The kiln is broken.\nWe are sorry.")
    text = written(letter("session_cancelled", session=cancelled, registration=replace(REGISTRATION, billing="paid"))).text
    assert "Reason:\n  The kiln is broken.\n  We are sorry.\n" in text
    assert "about what you have paid" in text
    assert "about what you have paid" not in written(letter("session_cancelled")).text


def test_typed_text_is_escaped_in_html() -> None:
    evil = replace(SESSION, title='<img src=x onerror="alert(1)">', location="<script>alert(1)</script>")
    studio = replace(ORGANISATION, name="A & <b>B</b>", accent="red;background:url(http://x)")
    content = written(letter("session_invitation", session=evil, organisation=studio))
    page = Page(content.html)
    assert not {"img", "script", "b"} & set(page.tags)
    assert 'You are invited to <img src=x onerror="alert(1)">' in page.shown
    assert "url(" not in content.html
    assert "<script>alert(1)</script>" in content.text, "and itself in text"


def test_a_percent_sign_is_nothing_special() -> None:
    content = written(letter("session_invitation", session=replace(SESSION, title="100% clay %(until)s")))
    assert content.subject == "Atelier Lumière invites you to 100% clay %(until)s"


def test_the_button_can_be_read_on_any_accent() -> None:
    for accent in ("#ffffff", "#000000", "#f2c14e", "#2f5d50", "#777777", "#ff0000"):
        html = written(letter("session_invitation", organisation=replace(ORGANISATION, accent=accent))).html
        fill, text = re.findall(r"background:(#[0-9a-f]{6});border-radius:8px|color:(#[0-9a-f]{6});text-decoration:none", html)
        assert contrast(fill[0], text[1]) >= 4.5


def test_a_mail_is_tagged_so_that_what_becomes_of_it_is_known() -> None:
    assert render.write(letter("confirmation"), now=NOW).tags == {"org": "demo", "message": "x"}
