"""Writing an e-mail: the blocks of its letter, set into the layout once as text and once as HTML."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from chalicelib import languages
from chalicelib.emails.calendars import calendars
from chalicelib.emails.facts import facts
from chalicelib.emails.own_words import OwnWords, own_words
from chalicelib.rules.colours import TEXT, apart, shades
from chalicelib.rules.messages import Content, Letter, Mail

LINK = Markup('<a href="{0}" style="color:#3b4844;word-break:break-word;">{0}</a>')
BLOCKS = ("subject", "heading", "opening", "button", "closing", "reason")
PREVIEW = 140
"""How many characters mail programs show beside a subject."""
TIMES = re.compile(r"\d\d:\d\d–\d\d:\d\d")
LINKS = re.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}»”’]")


class Proof(NamedTuple):
    """An e-mail as it would be sent; `own` where the organisation words it itself."""

    content: Content
    own: OwnWords | None


def write(letter: Letter, *, now: datetime) -> Mail:
    """Return the whole e-mail."""
    organisation = letter.organisation
    return Mail(
        sender_name=organisation.from_name or organisation.name,
        to=letter.to,
        reply_to=organisation.reply_to,
        content=content(letter, now=now),
        headers=_headers(letter),
        files=calendars(letter, now=now),
        tags={"org": organisation.org, "message": letter.id},
    )


def content(letter: Letter, *, now: datetime) -> Content:
    """Return subject, text and HTML."""
    return proof(letter, now=now).content


def proof(letter: Letter, *, now: datetime) -> Proof:
    """Return the e-mail, and what whoever worded it should know of it."""
    speaking = environment(letter.locale)
    told = _told(letter, speaking, now)
    own = own_words(letter, letter.wording, told, speaking, now=now) if letter.wording else None
    told |= {"own": own, "subject": own.subject} if own else {"own": None}
    told["preview"] = " ".join(LINKS.sub("", own.text).split())[:PREVIEW] if own else " ".join(told["opening"] + told["written"])
    text = speaking.get_template("layout/mail.txt").render(told)
    html = speaking.get_template("layout/mail.html").render(told)
    return Proof(Content(told["subject"], re.sub(r"\n{3,}", "\n\n", text).strip() + "\n", html), own)


def _told(letter: Letter, speaking: Environment, now: datetime) -> dict[str, Any]:
    """Return everything that the layout names."""
    accent = shades(letter.organisation.accent, dark=False)
    return {
        **blocks(speaking, letter, words(letter, now)),
        "written": _written(letter),
        "letter": letter,
        "organisation": letter.organisation.name,
        "facts": facts(letter, now=now),
        "accent": apart(accent.fill, accent.on_fill, TEXT),
        "on_accent": accent.on_fill,
        "lang": letter.locale,
    }


def blocks(speaking: Environment, letter: Letter, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of the usual e-mail, in the words that it knows."""
    template = speaking.get_template(f"{letter.kind}/letter.txt")
    context = template.new_context(dict(known))
    rendered = {name: "".join(template.blocks[name](context)).strip(" \n") for name in BLOCKS}
    return {name: _paragraphs(text) if name in {"opening", "closing"} else text for name, text in rendered.items()}


def words(letter: Letter, now: datetime) -> dict[str, Any]:
    """Return what a letter may name."""
    session, invitation, registration = letter.session, letter.invitation, letter.registration
    zone = session.time_zone if session else ""
    return {
        "letter": letter,
        "organisation": letter.organisation.name,
        "session": session.title if session else "",
        "name": registration.name if registration else "",
        "number": invitation.party_size if invitation else letter.waiting.entry.spots if letter.waiting else 0,
        "position": letter.waiting.position if letter.waiting else 0,
        "spots": "",
        "until": languages.moment(invitation.expires_at, zone, letter.locale) if invitation else "",
        "not_open_yet": session is not None and session.registration_opens_at > now,
        "role": letter.member.role if letter.member else "",
        "drafting": False,
        "files": len(calendars(letter, now=now)),
    }


def _written(letter: Letter) -> list[str]:
    """Return the paragraphs that staff wrote, with their lines as they wrote them."""
    return re.split(r"\n[^\S\n]*\n\s*", letter.written.text) if letter.written else []


def _headers(letter: Letter) -> dict[str, str]:
    if letter.unsubscribing is None:
        return {}
    return {"List-Unsubscribe": f"<{letter.unsubscribing.call}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


@cache
def environment(locale: str) -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["unbroken"] = _unbroken
    made.filters["linked"] = _linked
    languages.speak(made, locale)
    return made


def _unbroken(line: str) -> Markup:
    """Return the line as HTML in which no line break parts the two times of a date."""
    escaped = str(escape(line))
    return Markup(TIMES.sub(r'<span style="white-space:nowrap;">\g<0></span>', escaped))  # noqa: S704 - escaped in the line above


def _linked(paragraph: str) -> Markup:
    """Return what somebody typed as HTML: its lines as they are, its web addresses as links, everything else as text."""
    parts, place = [], 0
    for found in LINKS.finditer(paragraph):
        parts += [escape(paragraph[place : found.start()]), LINK.format(found[0])]
        place = found.end()
    parts.append(escape(paragraph[place:]))
    return Markup("<br>\n").join(Markup("").join(parts).split("\n"))


def _paragraphs(text: str) -> list[str]:
    """Return the paragraphs, each on one line; a blank line parts them, as in the source."""
    return [part.replace("\n", " ") for part in re.split(r"\n\s*\n", text) if part]
