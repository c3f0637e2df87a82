"""Renders an e-mail: sets the blocks of its letter into the layout, as text and as HTML."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from chalicelib import i18n
from chalicelib.compiled_templates import CompiledTemplates
from chalicelib.emails.amounts import going_back, refunded_amount
from chalicelib.emails.calendars import calendars, number_of_calendars
from chalicelib.emails.custom_text import RenderedCustomText, render_custom_text
from chalicelib.emails.facts import facts, title
from chalicelib.rules.bookings import SelfServiceTerms, excusable_meetings, may
from chalicelib.rules.colours import TEXT, shades, with_contrast
from chalicelib.rules.letters import Letter
from chalicelib.rules.messages import Content, Mail

LINK = Markup('<a href="{0}" style="color:#3b4844;word-break:break-word;">{0}</a>')
COMPILED = CompiledTemplates()
BLOCKS = ("subject", "heading", "opening", "button", "closing", "reason")
PREVIEW_LENGTH = 140
LOGO_HEIGHT = 32
"""How many characters mail programs show beside a subject."""
TIME_RANGE = re.compile(r"\d\d:\d\d–\d\d:\d\d")
LINKS = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}»”’]")


class RenderedEmail(NamedTuple):
    """The content of an e-mail as it would be sent. `custom` is the organisation's custom text, if it has one."""

    content: Content
    custom: RenderedCustomText | None


def write(letter: Letter, *, now: datetime) -> Mail:
    """Return the e-mail with headers and attachments."""
    organisation = letter.organisation
    return Mail(
        sender_name=organisation.from_name or organisation.name,
        to=letter.to,
        reply_to=organisation.reply_to,
        content=content(letter, now=now),
        headers=_headers(letter),
        files=calendars(letter, now=now),
        tags={"org": organisation.org, "message": letter.id},
        configuration_set=organisation.configuration_set,
    )


def content(letter: Letter, *, now: datetime) -> Content:
    """Return subject, text and HTML."""
    return render(letter, now=now).content


def render(letter: Letter, *, now: datetime) -> RenderedEmail:
    """Return the content, and the organisation's custom text with notices for its author."""
    jinja = environment(letter.locale)
    variables = _layout_variables(letter, jinja, now)
    custom = render_custom_text(letter, letter.custom_text, variables, jinja, now=now) if letter.custom_text else None
    variables |= {"custom": custom, "subject": custom.subject} if custom else {"custom": None}
    variables["preview"] = (
        " ".join(LINKS.sub("", custom.text).split())[:PREVIEW_LENGTH]
        if custom
        else " ".join(variables["opening"] + variables["staff_paragraphs"])
    )
    text = jinja.get_template("layout/mail.txt").render(variables)
    html = jinja.get_template("layout/mail.html").render(variables)
    return RenderedEmail(Content(variables["subject"], re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html), custom)


def _layout_variables(letter: Letter, jinja: Environment, now: datetime) -> dict[str, Any]:
    """Return the variables of the layout."""
    accent = shades(letter.organisation.accent, dark=False)
    return {
        **default_blocks(jinja, letter, letter_variables(letter, now)),
        "staff_paragraphs": _staff_paragraphs(letter),
        "letter": letter,
        "organisation": letter.organisation.name,
        "logo_width": _logo_width(letter),
        "logo_height": LOGO_HEIGHT,
        "facts": facts(letter, now=now),
        "accent": with_contrast(accent.fill, accent.on_fill, TEXT),
        "on_accent": accent.on_fill,
        "lang": letter.locale,
    }


def _logo_width(letter: Letter) -> int:
    """Return the width of the logo in pixels, as wide as it is at the height of the layout; 0 without one."""
    logo = letter.organisation.logo
    return round(logo.size.width * LOGO_HEIGHT / logo.size.height) if logo and letter.logo_link else 0


def default_blocks(jinja: Environment, letter: Letter, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the blocks of the default text, rendered with the variables in `known`."""
    template = jinja.get_template(f"{letter.kind}/letter.txt")
    context = template.new_context(dict(known))
    rendered = {name: "".join(template.blocks[name](context)).strip(" \n") for name in BLOCKS}
    return {name: _paragraphs(text) if name in {"opening", "closing"} else text for name, text in rendered.items()}


def letter_variables(letter: Letter, now: datetime) -> dict[str, Any]:
    """Return the variables that `letter.txt` may use."""
    session, invitation, registration = letter.session, letter.invitation, letter.registration
    zone = session.time_zone if session else ""
    return {
        "letter": letter,
        "organisation": letter.organisation.name,
        "session": title(letter),
        "name": registration.name if registration else "",
        "number": invitation.party_size if invitation else letter.waiting.entry.spots if letter.waiting else 0,
        "position": letter.waiting.position if letter.waiting else 0,
        "spots": "",
        "amount": refunded_amount(letter),
        "going_back": going_back(letter),
        "until": i18n.moment(invitation.expires_at, zone, letter.locale) if invitation else "",
        "not_open_yet": session is not None and session.registration_opens_at > now,
        "refunded": i18n.money(letter.refunded, letter.locale) if letter.refunded else "",
        "role": letter.member.role if letter.member else "",
        "cancelled": session is not None and session.cancelled_at is not None,
        "date": i18n.short_date_and_times(letter.meeting, zone, letter.locale) if letter.meeting else "",
        "drafting": False,
        "may_cancel": _may_cancel(letter, now),
        "may_excuse": _may_excuse(letter, now),
        "files": number_of_calendars(letter, now=now),
    }


def _may_cancel(letter: Letter, now: datetime) -> bool:
    """Whether the family may cancel its booking when the e-mail is sent."""
    if letter.registration is None or letter.session is None:
        return False
    terms = SelfServiceTerms.of(letter.organisation, letter.session)
    return "cancel" in may(letter.registration, letter.session, terms, now, payable=False)


def _may_excuse(letter: Letter, now: datetime) -> bool:
    """Whether the person who booked may say who cannot come on the date when the e-mail leaves."""
    if letter.registration is None or letter.session is None:
        return False
    terms = SelfServiceTerms.of(letter.organisation, letter.session)
    return letter.meeting in excusable_meetings(letter.registration, letter.session, terms, now)


def _staff_paragraphs(letter: Letter) -> list[str]:
    """Return the paragraphs that staff wrote, with their line breaks."""
    return re.split(r"\n[^\S\n]*\n\s*", letter.staff_text.text) if letter.staff_text else []


def _headers(letter: Letter) -> dict[str, str]:
    """Return the headers for mail programs. `Auto-Submitted` keeps absence notices away (RFC 3834), except from what staff wrote."""
    headers = {} if letter.kind == "roster_message" else {"Auto-Submitted": "auto-generated"}
    if letter.unsubscribe_links is not None:
        headers |= {"List-Unsubscribe": f"<{letter.unsubscribe_links.call}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers


@cache
def environment(locale: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        bytecode_cache=COMPILED,
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["unbroken"] = _unbroken
    made.filters["linked"] = _linked
    i18n.speak(made, locale)
    return made


def _unbroken(line: str) -> Markup:
    """Return the line as HTML without a line break between the start and end times of a meeting."""
    escaped = str(escape(line))
    return Markup(TIME_RANGE.sub(r'<span style="white-space:nowrap;">\g<0></span>', escaped))  # noqa: S704 - escaped in the line above


def _linked(paragraph: str) -> Markup:
    """Return a typed paragraph as HTML: line breaks are kept, URLs become links, everything else is escaped."""
    parts, end = [], 0
    for found in LINKS.finditer(paragraph):
        parts += [escape(paragraph[end : found.start()]), LINK.format(found[0])]
        end = found.end()
    parts.append(escape(paragraph[end:]))
    return Markup("<br>\n").join(Markup("").join(parts).split("\n"))


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs, which blank lines separate in the source, each on one line."""
    return [part.replace("\n", " ") for part in re.split(r"\n\s*\n", text) if part]
