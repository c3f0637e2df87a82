"""The words of an invitation: the organisation's, or what staff make of them for one sending."""

from datetime import datetime

from chalicelib.operations import templates
from chalicelib.rules.drafts.portal_invitations import WordsDraft
from chalicelib.rules.drafts.templates import TemplateDraft
from chalicelib.rules.messages import Kind, Wording
from chalicelib.rules.refusals import DoesNotFit
from chalicelib.rules.templates import faults
from chalicelib.tables import organisations

KIND: Kind = "portal_invitation"
FIELDS = {"/subject": "/subject", "/body": "/text"}


def usual_words(org: str, *, now: datetime) -> Wording:
    """Return the words that the organisation usually sends, in its language, with names where facts will be."""
    return templates.read_template(org, KIND, organisations.get(org).locale, now=now).wording


def chosen_words(org: str, draft: WordsDraft, *, now: datetime) -> Wording | None:
    """Return the words of this sending; None when they are the usual ones. Raises DoesNotFit for names that nobody knows."""
    if draft.subject is None and draft.text is None:
        return None
    usual = usual_words(org, now=now)
    wording = Wording(draft.subject or usual.subject, draft.text or usual.body)
    found = faults(KIND, wording)
    if found:
        raise DoesNotFit([(FIELDS[pointer], code, sentence) for pointer, code, sentence in found])
    return None if wording == usual else wording


def preview(org: str, draft: WordsDraft, *, now: datetime) -> templates.Preview:
    """Return how the e-mail would look in these words. Raises DoesNotFit."""
    wording = chosen_words(org, draft, now=now) or usual_words(org, now=now)
    words = TemplateDraft(subject=wording.subject, body=wording.body)
    return templates.preview_template(org, KIND, organisations.get(org).locale, words, now=now)
