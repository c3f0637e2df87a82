"""The text of a portal invitation: the organisation's template, or a custom text for one sending."""

from datetime import datetime

from chalicelib.emails.kinds import declaration
from chalicelib.operations import email_templates
from chalicelib.rules.email_templates import faults
from chalicelib.rules.inputs.email_templates import TemplateInput
from chalicelib.rules.inputs.portal_invitations import CustomTextInput
from chalicelib.rules.letters import TemplateText
from chalicelib.rules.messages import EmailKind
from chalicelib.rules.refusals import ValidationFailed
from chalicelib.tables import organisations

KIND: EmailKind = "portal_invitation"
FIELDS = {"/subject": "/subject", "/body": "/text"}


def default_text(org: str, *, now: datetime) -> TemplateText:
    """Return the organisation's template in its language, with placeholders."""
    return email_templates.read_template(org, KIND, organisations.get(org).locale, now=now).text


def chosen_text(org: str, draft: CustomTextInput, *, now: datetime) -> TemplateText | None:
    """Return the text of this sending, None if it equals the template. Raises ValidationFailed for unknown placeholders."""
    if draft.subject is None and draft.text is None:
        return None
    default = default_text(org, now=now)
    text = TemplateText(draft.subject or default.subject, draft.text or default.body)
    found = faults(declaration(KIND).placeholders, text)
    if found:
        raise ValidationFailed([(FIELDS[pointer], code, sentence) for pointer, code, sentence in found])
    return None if text == default else text


def preview(org: str, draft: CustomTextInput, *, now: datetime) -> email_templates.EmailPreview:
    """Return the e-mail in this text, filled with sample data. Raises ValidationFailed."""
    text = chosen_text(org, draft, now=now) or default_text(org, now=now)
    words = TemplateInput(subject=text.subject, body=text.body)
    return email_templates.preview_template(org, KIND, organisations.get(org).locale, words, now=now)
