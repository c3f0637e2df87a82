"""Reports: their period, their division, and what they add up."""

from datetime import date

import pytest

from chalicelib.rules.refusals import ValidationFailed
from chalicelib.rules.report_kinds import REPORTS
from chalicelib.rules.reports import NAMES, CountedFacts, Period, build, chosen_by, chosen_period, usual_period

TODAY = date(2026, 11, 22)
NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 30))


def booked(amount: int, *buckets: str, currency: str = "EUR") -> CountedFacts:
    return CountedFacts("booked", currency, (1, amount), tuple((one, one.title()) for one in buckets))


def test_the_usual_period_is_a_year_with_the_current_month() -> None:
    assert usual_period(TODAY) == (date(2025, 12, 1), date(2026, 11, 30))
    assert usual_period(TODAY, ahead=3) == (date(2026, 3, 1), date(2027, 2, 28))


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2026, 11, 5), None, (date(2026, 11, 5), date(2026, 11, 30))),
        (date(2027, 5, 1), None, (date(2027, 5, 1), date(2027, 5, 1))),
        (None, date(2025, 1, 31), (date(2025, 1, 31), date(2025, 1, 31))),
    ],
)
def test_a_day_that_is_left_out_follows(first: date | None, last: date | None, found: tuple[date, date]) -> None:
    assert chosen_period(first, last, usual_period(TODAY)) == found


@pytest.mark.parametrize(("first", "last", "field"), [("2026-11-02", "2026-11-01", "/to"), ("2001-01-01", "2026-11-01", "/from")])
def test_a_period_that_ends_first_or_is_too_long_is_refused(first: str, last: str, field: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        chosen_period(date.fromisoformat(first), date.fromisoformat(last), usual_period(TODAY))
    assert [fault[0] for fault in refused.value.faults] == [field]


def test_a_division_that_a_report_does_not_know_is_refused() -> None:
    assert [chosen_by(name, "") for name in NAMES] == ["month"] * 3 + ["contract", "month", "month"]
    with pytest.raises(ValidationFailed):
        chosen_by("occupancy", "contract")


def test_a_period_has_its_first_and_last_day_and_whole_months_between() -> None:
    period = Period(date(2026, 9, 12), date(2026, 11, 3))
    assert [period.days_in(month) for month in period.months] == [(12, 31), (1, 31), (1, 3)]
    assert Period(TODAY, TODAY).days_in("2026-11") == (22, 22)


def test_currencies_stay_apart() -> None:
    report = build("revenue", "month", NOVEMBER, [booked(100, "2026-11"), booked(70, "2026-11", currency="CHF")])
    assert [(row.currency, row.values[1]) for row in report.rows] == [("CHF", 70), ("EUR", 100)]
    assert [(row.currency, row.values[1]) for row in report.totals] == [("CHF", 70), ("EUR", 100)]


def test_what_has_two_tags_counts_under_both_and_once_in_the_total() -> None:
    report = build("revenue", "tag", NOVEMBER, [booked(100, "kids", "sport"), booked(50, "kids")])
    assert [(row.label, row.values[1]) for row in report.rows] == [("Kids", 150), ("Sport", 100)]
    assert report.totals[0].values[1] == 150


def test_months_without_anything_are_rows() -> None:
    report = build("waitlists", "month", Period(date(2026, 9, 1), date(2026, 11, 30)), [])
    assert [row.key for row in report.rows] == ["2026-09", "2026-10", "2026-11"]
    assert {row.values for row in report.rows} == {(0, 0, 0, None)}


def test_people_read_no_empty_months_before_and_after_the_others() -> None:
    year = Period(date(2026, 1, 1), date(2026, 12, 31))
    facts = [booked(100, "2026-03"), booked(70, "2026-06"), booked(50, "2026-05", currency="CHF")]
    shown = build("revenue", "month", year, facts).shown
    assert [(row.currency, row.key) for row in shown] == [("CHF", "2026-05"), *(("EUR", f"2026-0{month}") for month in (3, 4, 5, 6))]
    assert list(build("waitlists", "month", year, []).shown) == []


def test_rates_follow_from_the_sums() -> None:
    facts = [CountedFacts("meetings", "", (1, 10, taken), (("s", "S"),)) for taken in (10, 5)]
    assert build("occupancy", "session", NOVEMBER, facts).rows[0].values == (2, 20, 15, 75.0)
    came = CountedFacts("attended", "", (4, 2, 1, 1, 5), (("s", "S"),))
    assert build("attendance", "session", NOVEMBER, [came]).rows[0].values[-1] == 75.0
    answered = CountedFacts("invited", "", (4, 4, 1, 1, 0, 0, 2, 180), (("s", "S"),))
    assert build("invitations", "session", NOVEMBER, [answered]).rows[0].values[-2:] == (25.0, 1.5)


def test_the_series_of_every_report_are_columns() -> None:
    for kind in REPORTS.values():
        assert set(kind.series) <= {column.name for column in kind.columns}
