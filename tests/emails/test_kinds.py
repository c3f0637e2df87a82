"""The declarations of the kinds of e-mail."""

from pathlib import Path

import pytest

from chalicelib import emails
from chalicelib.emails.kinds import KINDS, declaration
from chalicelib.rules.email_templates import PLACEHOLDERS
from chalicelib.rules.messages import EmailKind

FOLDERS = {found.parent.name for found in Path(emails.__path__[0]).glob("*/letter.txt")}
UNREQUESTED = {"session_invitation", "invitation_reminder", "portal_invitation", "portal_reminder"}


def test_each_letter_is_of_a_declared_kind() -> None:
    assert set(KINDS) == FOLDERS


def test_each_placeholder_is_described_and_used() -> None:
    assert {name for kind in KINDS for name in declaration(kind).placeholders} == set(PLACEHOLDERS)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_knows_the_organisation_and_the_link(kind: EmailKind) -> None:
    declared = declaration(kind)
    assert {"organisation_name", "link"} <= set(declared.placeholders)
    assert not declared.required or declared.required in declared.placeholders


def test_labels_tell_the_kinds_apart() -> None:
    assert len({declaration(kind).label for kind in KINDS}) == len(KINDS)


def test_only_unrequested_emails_can_be_unsubscribed_from() -> None:
    """E-mails that answer a request (offers, confirmations, invoices, messages about a booking) have no unsubscribe link."""
    assert {kind for kind in KINDS if declaration(kind).unsubscribable} == UNREQUESTED
