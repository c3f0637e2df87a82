"""API keys of an organisation: made, listed and deleted by owners, and recognised in requests."""

import secrets
from datetime import datetime
from hmac import compare_digest
from typing import NamedTuple

from chalicelib.rules.api_keys import MOST_KEYS, RANDOM, SYMBOLS, ApiKey, TooManyKeys, digest_of, id_of, is_well_formed, prefix_of, written
from chalicelib.rules.inputs.api_keys import ApiKeyInput
from chalicelib.rules.organisations import Organisation
from chalicelib.rules.refusals import NotFound, ValidationFailed
from chalicelib.rules.translation import N_
from chalicelib.tables import api_keys as table

IN_THE_PAST = ("/expires_at", "in_the_past", N_("Choose a moment in the future, or leave it empty."))


class NewKey(NamedTuple):
    """A key that was just made, with its text, which is stored nowhere."""

    key: ApiKey
    text: str


class FoundKey(NamedTuple):
    """A valid key, with its organisation."""

    key: ApiKey
    organisation: Organisation


def make(org: str, draft: ApiKeyInput, *, by: str, now: datetime) -> NewKey:
    """Make a key. Raises ValidationFailed for an end that has gone by, TooManyKeys."""
    if draft.expires_at and draft.expires_at <= now:
        raise ValidationFailed([IN_THE_PAST])
    if len(table.every(org)) >= MOST_KEYS:
        raise TooManyKeys
    text = written("".join(secrets.choice(SYMBOLS) for _ in range(RANDOM)))
    digest = digest_of(text)
    key = ApiKey(
        org=org,
        id=id_of(digest),
        name=draft.name,
        role=draft.role,
        prefix=prefix_of(text),
        digest=digest,
        created_at=now,
        made_by=by,
        expires_at=draft.expires_at,
    )
    table.create(key)
    return NewKey(key, text)


def every(org: str) -> list[ApiKey]:
    """Return the keys, latest first, those that have expired included."""
    return table.every(org)


def delete(org: str, id: str) -> None:
    """Delete a key; requests with it are refused from now on. Raises NotFound."""
    if not table.delete(org, id):
        raise NotFound


def find(org: str, text: str, *, now: datetime) -> FoundKey | None:
    """Return the organisation's valid key with this text, and note its use; None for any other text. One read, rarely a write."""
    if not is_well_formed(text):
        return None
    digest = digest_of(text)
    key, organisation = table.get_with_organisation(org, id_of(digest))
    if key is None or organisation is None or not compare_digest(key.digest, digest) or key.has_ended(now):
        return None
    if key.use_is_news(now):
        table.note_use(key, now=now)
    return FoundKey(key, organisation)


def find_anywhere(text: str, *, now: datetime) -> FoundKey | None:
    """Return the valid key with this text, of any organisation, and note its use."""
    org = table.organisation_of(id_of(digest_of(text))) if is_well_formed(text) else None
    return find(org, text, now=now) if org else None
