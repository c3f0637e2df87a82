"""E-mail templates: an organisation's custom text of each e-mail in each language, with a preview."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib.emails.kinds import KINDS, declaration
from chalicelib.languages import SUPPORTED, Locale
from chalicelib.rules.email_templates import NEVER_IN_SUBJECT, PLACEHOLDERS, Notice, Template, faults
from chalicelib.rules.inputs.email_templates import TemplateInput
from chalicelib.rules.letters import TemplateText
from chalicelib.rules.messages import Content, EmailKind
from chalicelib.rules.refusals import ChangedMeanwhile, NotFound, ValidationFailed
from chalicelib.tables import email_templates, organisations

ATTEMPTS = 5


class TemplateView(NamedTuple):
    """A template with its current text: custom or default."""

    template: Template
    text: TemplateText


class EmailPreview(NamedTuple):
    """A preview of an e-mail, with notices about changes to its text."""

    content: Content
    body: str
    """The custom part of the HTML, a sanitised fragment."""
    notices: list[Notice]


class Placeholder(NamedTuple):
    """A placeholder, such as `name` for `{{name}}`, with its description."""

    name: str
    means: str
    in_subject: bool


def labels() -> dict[EmailKind, str]:
    """Return the label of each kind of e-mail, in English."""
    return {kind: declaration(kind).label for kind in KINDS}


def placeholders(kind: EmailKind) -> list[Placeholder]:
    """Return the placeholders that a custom text of this kind may use."""
    return [Placeholder(name, PLACEHOLDERS[name], name not in NEVER_IN_SUBJECT) for name in declaration(kind).placeholders]


def list_templates(org: str) -> list[Template]:
    """Return the template of each kind of e-mail in each language, customised or default."""
    edited = {(template.name, template.locale): template for template in email_templates.edited(org)}
    return [edited.get((name, locale), Template(org, name, locale)) for name in KINDS for locale in SUPPORTED]


def read_template(org: str, name: str, locale: str, *, now: datetime) -> TemplateView:
    """Return a template with its text. Raises NotFound for an unknown kind or language."""
    template = email_templates.get(org, *_known(name, locale))
    return TemplateView(template, template.custom_text or _default_text(template, now))


def edit_template(
    org: str, name: str, locale: str, draft: TemplateInput, *, by: str, expected: int | None, now: datetime
) -> tuple[Template, list[Notice]]:
    """Customise an e-mail, and return its template with notices about changes to the text.

    Raises NotFound, ValidationFailed for unknown placeholders, ChangedMeanwhile."""
    known, language = _known(name, locale)
    shown = _preview(org, known, language, draft.text, now)
    return _save(org, known, language, draft.text, by=by, expected=expected, now=now), shown.notices


def reset_template(org: str, name: str, locale: str, *, by: str, expected: int | None, now: datetime) -> None:
    """Reset an e-mail to its default text. Raises NotFound, ChangedMeanwhile."""
    _save(org, *_known(name, locale), TemplateText("", ""), by=by, expected=expected, now=now)


def preview_template(org: str, name: str, locale: str, draft: TemplateInput, *, now: datetime) -> EmailPreview:
    """Return the e-mail in this text, filled with sample data. Raises NotFound, ValidationFailed."""
    return _preview(org, *_known(name, locale), draft.text, now)


def _known(name: str, locale: str) -> tuple[EmailKind, Locale]:
    kind = next((known for known in KINDS if known == name), None)
    language = next((known for known in SUPPORTED if known == locale), None)
    if kind is None or language is None:
        raise NotFound
    return kind, language


def _save(org: str, name: EmailKind, locale: Locale, text: TemplateText, *, by: str, expected: int | None, now: datetime) -> Template:
    for _ in range(ATTEMPTS):
        was = email_templates.get(org, name, locale)
        if expected is not None and was.version != expected:
            raise ChangedMeanwhile
        if was.custom_text == text or not (was.edited or text.body):
            return was
        changed = replace(was, subject=text.subject, body=text.body, version=was.version + 1, changed_at=now, changed_by=by)
        try:
            email_templates.save(changed, was=was)
        except ChangedMeanwhile:
            continue
        return changed
    raise ChangedMeanwhile


def _preview(org: str, name: EmailKind, locale: Locale, text: TemplateText, now: datetime) -> EmailPreview:
    found = faults(declaration(name).placeholders, text)
    if found:
        raise ValidationFailed(found)
    # Imported here, so that only previews pay for loading Jinja, Markdown and the HTML sanitiser.
    from chalicelib.emails import samples

    rendered = samples.sample(name, organisations.get(org), locale, text, now=now)
    return EmailPreview(
        rendered.content, str(rendered.custom.html) if rendered.custom else "", rendered.custom.notices if rendered.custom else []
    )


def _default_text(template: Template, now: datetime) -> TemplateText:
    from chalicelib.emails import samples

    return samples.default_text(template.name, organisations.get(template.org), template.locale, now=now)
