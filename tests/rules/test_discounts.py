"""The states of a discount code, its refusals in each, and its spelling."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.rules.discounts import (
    Discount,
    DiscountForOtherSession,
    DiscountInactive,
    DiscountNotStarted,
    DiscountUsedUp,
    compared,
    well_formed,
)
from chalicelib.rules.sessions import Session

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def discount(**more: object) -> Discount:
    values: dict[str, object] = {"kind": "percent", "value": 10, **more}
    return Discount(org="demo", code="Spring", currency="EUR", created_at=NOW, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("of", "state", "refusal"),
    [
        ({}, "active", None),
        ({"starts_at": NOW}, "active", None),
        ({"starts_at": NOW + HOUR}, "not_yet", DiscountNotStarted),
        ({"ends_at": NOW}, "ended", DiscountInactive),
        ({"ends_at": NOW, "active": False, "max_uses": 1, "used": 1}, "ended", DiscountInactive),
        ({"active": False}, "off", DiscountInactive),
        ({"max_uses": 2, "used": 1}, "active", None),
        ({"max_uses": 2, "used": 2}, "used_up", DiscountUsedUp),
        ({"kind": "fixed", "currency": "CHF"}, "active", DiscountForOtherSession),
        ({"sessions": ("other",)}, "active", DiscountForOtherSession),
        ({"sessions": ("other", "s1")}, "active", None),
        ({"sessions": ("other",), "tags": ("CLAY",)}, "active", None),
        ({"tags": ("wood",)}, "active", DiscountForOtherSession),
    ],
)
def test_states_and_what_they_refuse(of: dict[str, object], state: str, refusal: type[Exception] | None) -> None:
    currency = of.pop("currency", "EUR")
    made = discount(**of)
    assert made.state(NOW) == state
    session: Session = Session("demo", "s1", "Pottery", (), "Europe/Paris", 10, 1, (), NOW, NOW, NOW, tags=("Clay",))
    if refusal is None:
        made.check(session, str(currency), NOW)
    else:
        with pytest.raises(refusal):
            made.check(session, str(currency), NOW)


@pytest.mark.parametrize(("typed", "same"), [("spring", True), (" Spring ", True), ("SPR ING", True), ("Sprin", False)])
def test_codes_are_read_without_case_and_spaces(typed: str, same: bool) -> None:
    assert (compared(typed) == compared("Spring")) is same


@pytest.mark.parametrize(
    ("code", "fits"), [("A", True), ("SPRING-25.b_c", True), ("", False), ("-A", False), ("É", False), ("A" * 41, False)]
)
def test_what_a_code_may_look_like(code: str, fits: bool) -> None:
    assert well_formed(code) is fits
