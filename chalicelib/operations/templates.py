"""Templates: an organisation words its e-mails itself, one by one and in each language, and sees how they look."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib import languages
from chalicelib.rules.drafts.templates import TemplateDraft
from chalicelib.rules.messages import Content, Kind, Wording
from chalicelib.rules.organisations import Locale
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit, NotFound
from chalicelib.rules.templates import NAMES, Notice, Template, faults
from chalicelib.tables import organisations, templates

ATTEMPTS = 5


class Words(NamedTuple):
    """A template, and the words that its e-mail has now: its own or the usual ones."""

    template: Template
    wording: Wording


class Preview(NamedTuple):
    """How an e-mail in some words would look, and what was done to them."""

    content: Content
    body: str
    """What of the HTML is the organisation's own: safe, and a fragment."""
    notices: list[Notice]


def list_templates(org: str) -> list[Template]:
    """Return the templates of every e-mail in every language, edited or not."""
    edited = {(template.name, template.locale): template for template in templates.edited(org)}
    return [edited.get((name, locale), Template(org, name, locale)) for name in NAMES for locale in languages.SUPPORTED]


def read_template(org: str, name: str, locale: str, *, now: datetime) -> Words:
    """Return a template with its words, the usual ones unless it was edited. Raises NotFound."""
    template = templates.get(org, *_known(name, locale))
    return Words(template, template.wording or _usual(template, now))


def edit_template(
    org: str, name: str, locale: str, draft: TemplateDraft, *, by: str, expected: int | None, now: datetime
) -> tuple[Template, list[Notice]]:
    """Give an e-mail own words, and return what was done to them besides. Raises NotFound, DoesNotFit, ChangedMeanwhile."""
    known, language = _known(name, locale)
    shown = _preview(org, known, language, draft.wording, now)
    return _changed(org, known, language, draft.wording, by=by, expected=expected, now=now), shown.notices


def reset_template(org: str, name: str, locale: str, *, by: str, expected: int | None, now: datetime) -> None:
    """Let an e-mail have the usual words again. Raises NotFound, ChangedMeanwhile."""
    _changed(org, *_known(name, locale), Wording("", ""), by=by, expected=expected, now=now)


def preview_template(org: str, name: str, locale: str, draft: TemplateDraft, *, now: datetime) -> Preview:
    """Return how the e-mail would look in these words, about nothing real. Raises NotFound, DoesNotFit."""
    return _preview(org, *_known(name, locale), draft.wording, now)


def _known(name: str, locale: str) -> tuple[Kind, Locale]:
    kind = next((known for known in NAMES if known == name), None)
    language = next((known for known in languages.SUPPORTED if known == locale), None)
    if kind is None or language is None:
        raise NotFound
    return kind, language


def _changed(org: str, name: Kind, locale: Locale, wording: Wording, *, by: str, expected: int | None, now: datetime) -> Template:
    for _ in range(ATTEMPTS):
        was = templates.get(org, name, locale)
        if expected is not None and was.version != expected:
            raise ChangedMeanwhile
        if was.wording == wording or not (was.edited or wording.body):
            return was
        changed = replace(was, subject=wording.subject, body=wording.body, version=was.version + 1, changed_at=now, changed_by=by)
        try:
            templates.save(changed, was=was)
        except ChangedMeanwhile:
            continue
        return changed
    raise ChangedMeanwhile


def _preview(org: str, name: Kind, locale: Locale, wording: Wording, now: datetime) -> Preview:
    found = faults(name, wording)
    if found:
        raise DoesNotFit(found)
    # Jinja, Markdown and the cleaning of HTML are needed here alone; nobody else's cold start pays for them.
    from chalicelib import emails

    proof = emails.sample(name, organisations.get(org), locale, wording, now=now)
    return Preview(proof.content, str(proof.own.html) if proof.own else "", proof.own.notices if proof.own else [])


def _usual(template: Template, now: datetime) -> Wording:
    from chalicelib import emails

    return emails.usual_words(template.name, organisations.get(template.org), template.locale, now=now)
