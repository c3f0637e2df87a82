"""API keys: their form, their digest, their end."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from chalicelib.rules.actor import Actor, staff_actor
from chalicelib.rules.api_keys import ApiKey, KeyRole, digest_of, id_of, is_key, is_well_formed, prefix_of, written
from chalicelib.rules.permissions import PERMISSIONS

RANDOM = "0123456789abcdefghijABCDEFGHIJ"
NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
KEY = ApiKey("demo", "k1", "Website", "viewer", "rbk_0123", "d", NOW, "owner@demo.test")


def test_a_key_has_the_form_that_secret_scanners_look_for() -> None:
    assert re.fullmatch(r"rbk_[0-9A-Za-z]{36}", written(RANDOM))
    assert is_key(written(RANDOM))
    assert is_well_formed(written(RANDOM))


def test_the_checksum_stays_what_it_is() -> None:
    """Scanners know it: a key of today has this text in ten years."""
    assert written(RANDOM) == "rbk_0123456789abcdefghijABCDEFGHIJ3mpbCX"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rbk_",
        written(RANDOM)[:-1],
        written(RANDOM) + "0",
        written(RANDOM)[:-1] + "\n",
        "rbk_" + "é" * 36,
        written(RANDOM).upper(),
        "x" * 9_000,
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    assert not is_well_formed(text)


def test_a_mistyped_key_is_told_from_a_key() -> None:
    key = written(RANDOM)
    for index in range(4, len(key)):
        other = "a" if key[index] != "a" else "b"
        assert not is_well_formed(key[:index] + other + key[index + 1 :])


def test_the_id_and_the_visible_beginning_do_not_give_the_key_away() -> None:
    key = written(RANDOM)
    assert prefix_of(key) == "rbk_0123"
    assert id_of(digest_of(key)) == digest_of(key)[:20]
    assert key not in digest_of(key)


def test_a_key_ends_at_its_moment() -> None:
    ending = replace(KEY, expires_at=NOW)
    assert [ending.has_ended(NOW - timedelta(seconds=1)), ending.has_ended(NOW), KEY.has_ended(NOW)] == [False, True, False]


def test_a_use_is_noted_once_an_hour() -> None:
    used = replace(KEY, last_used_at=NOW)
    later = [NOW + timedelta(minutes=minutes) for minutes in (0, 59, 60)]
    assert [used.use_is_news(moment) for moment in later] == [False, False, True]
    assert KEY.use_is_news(NOW)


def test_a_key_acts_under_its_own_name() -> None:
    assert staff_actor(KEY.holder) == Actor("key", "k1", "Website")
    assert KEY.holder.by == "Website"


def test_no_key_may_do_what_only_owners_may() -> None:
    for role in get_args(KeyRole):
        assert not PERMISSIONS[role] & {"manage_staff", "manage_integrations", "manage_settings", "read_audit"}
