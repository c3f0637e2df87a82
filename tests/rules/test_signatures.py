"""Stripe's signatures: a valid one covers the body, was made with the secret, and is recent."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.signatures import signature, signed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TIME = str(int(NOW.timestamp()))
BODY, SECRET = b'{"a": "\xc3\xa9"}', "whsec_1"
RIGHT = signature(BODY, TIME, SECRET)


def test_it_is_the_one_that_stripe_makes() -> None:
    """The expected signature was made with `printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test`."""
    made = "c89214b5b5da833daed6f0b8c5bb6bd58cea9022bd80ccc78230f3942d632925"
    assert signature(b'{"id":"evt_1"}', "1700000000", "whsec_test") == made


@pytest.mark.parametrize(
    "header", [f"t={TIME},v1={RIGHT}", f"t={TIME},v1={'0' * 64},v1={RIGHT},v0=x", f"v1={RIGHT}, t={TIME}", f"t={TIME},scheme,v1={RIGHT}"]
)
def test_one_that_fits_is_enough(header: str) -> None:
    assert signed(BODY, header, SECRET, now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        *("", ",", "=", "t", f"t={TIME}", f"v1={RIGHT}", f"t={TIME},v0={RIGHT}", f"t={TIME},v1=", f"t={TIME},v1={RIGHT[:-1]}"),
        *(f"t={TIME},v1={RIGHT.upper()}", f"t={TIME},t={TIME},v1={RIGHT}", f"t=,v1={RIGHT}", f"t=x,v1={RIGHT}", f"t={TIME}.0,v1={RIGHT}"),
        *(f"t=-{TIME},v1={RIGHT}", f"t={'9' * 400},v1={RIGHT}", f"t=²,v1={RIGHT}", f"t={int(TIME) + 1},v1={RIGHT}", f"t={TIME},v1=é"),
    ],
)
def test_nothing_else_is_believed(header: str) -> None:
    assert not signed(BODY, header, SECRET, now=NOW)


def test_another_body_or_secret_is_not_believed() -> None:
    header = f"t={TIME},v1={RIGHT}"
    assert not signed(BODY + b" ", header, SECRET, now=NOW)
    assert not signed(BODY, header, "whsec_2", now=NOW)


@pytest.mark.parametrize(("seconds", "believed"), [(-301, False), (-300, True), (300, True), (301, False)])
def test_it_is_believed_for_five_minutes(seconds: int, believed: bool) -> None:
    assert signed(BODY, f"t={TIME},v1={RIGHT}", SECRET, now=NOW + timedelta(seconds=seconds)) is believed
