"""What each report shows: the facts that it adds up, its columns, and how it may be divided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chalicelib.rules.figures import FactKind
from chalicelib.rules.translation import N_

ReportName = Literal["occupancy", "revenue", "invitations", "codes", "attendance", "waitlists"]
ReportGrouping = Literal["month", "session", "tag", "contract"]
Unit = Literal["number", "amount", "percent", "hours"]
Sums = dict[str, int]
"""Numbers by their names in VALUES."""
Number = int | float | None


class ReportColumn(NamedTuple):
    """A column of a report: the name in the API, the heading, the unit, and how it follows from the sums."""

    name: str
    label: str
    unit: Unit = "number"
    of: Callable[[Sums], Number] | None = None
    """None for a sum of the same name."""

    def value(self, sums: Sums) -> Number:
        return self.of(sums) if self.of else sums.get(self.name, 0)


@dataclass(frozen=True)
class ReportKind:
    """What a report shows. `series` are the columns in its picture; a `share` is drawn as a part of a whole: (part, whole)."""

    title: str
    about: str
    facts: tuple[FactKind, ...]
    by: tuple[ReportGrouping, ...]
    columns: tuple[ReportColumn, ...]
    series: tuple[str, ...]
    share: tuple[str, str] | None = None
    by_currency: bool = False
    months_ahead: int = 0
    """How many months after the current one the usual period has."""


def _ratio(part: str, whole: str) -> Callable[[Sums], Number]:
    """Return a part of a whole in per cent, with one decimal place; None of nothing."""
    return lambda sums: round(100 * sums.get(part, 0) / sums[whole], 1) if sums.get(whole) else None


def _came(sums: Sums) -> int:
    return sums.get("present", 0) + sums.get("late", 0)


def _attendance(sums: Sums) -> Number:
    marked = _came(sums) + sums.get("absent", 0)
    return round(100 * _came(sums) / marked, 1) if marked else None


def _hours(sums: Sums) -> Number:
    return round(sums["minutes"] / sums["answers"] / 60, 1) if sums.get("answers") else None


USUAL: tuple[ReportGrouping, ...] = ("month", "session", "tag")
REPORTS: Mapping[ReportName, ReportKind] = {
    "occupancy": ReportKind(
        title=N_("Occupancy"),
        about=N_("How full your dates are. Each date counts with the spots of its session."),
        facts=("meetings",),
        by=USUAL,
        columns=(
            ReportColumn("meetings", N_("Dates")),
            ReportColumn("spots", N_("Spots")),
            ReportColumn("taken", N_("Taken")),
            ReportColumn("occupancy", N_("Occupancy"), "percent", _ratio("taken", "spots")),
        ),
        series=("occupancy",),
        share=("taken", "spots"),
        months_ahead=3,
    ),
    "revenue": ReportKind(
        title=N_("Revenue"),
        about=N_("Bookings by the day they were made, invoices by the day they were issued, and payments by the day they came in."),
        facts=("booked", "invoiced", "received"),
        by=(*USUAL, "contract"),
        columns=(
            ReportColumn("registrations", N_("Bookings")),
            ReportColumn("booked", N_("Booked"), "amount"),
            ReportColumn("invoiced", N_("Invoiced"), "amount"),
            ReportColumn("paid", N_("Received"), "amount"),
        ),
        series=("booked", "invoiced", "paid"),
        by_currency=True,
    ),
    "invitations": ReportKind(
        title=N_("Invitations"),
        about=N_("Invitations by the day they were sent, and how they were answered. Waitlist offers are not included."),
        facts=("invited",),
        by=USUAL,
        columns=(
            ReportColumn("sent", N_("Sent")),
            ReportColumn("delivered", N_("Delivered")),
            ReportColumn("accepted", N_("Accepted")),
            ReportColumn("declined", N_("Declined")),
            ReportColumn("expired", N_("Expired")),
            ReportColumn("cancelled", N_("Cancelled")),
            ReportColumn("acceptance", N_("Acceptance rate"), "percent", _ratio("accepted", "sent")),
            ReportColumn("hours_to_answer", N_("Hours to answer"), "hours", _hours),
        ),
        series=("sent", "accepted", "declined"),
    ),
    "codes": ReportKind(
        title=N_("Invitation codes"),
        about=N_("Codes by the day they were created, handed out and used. The value is the price of the bookings made with them."),
        facts=("redeemed", "issued"),
        by=("contract", "month"),
        columns=(
            ReportColumn("made", N_("Created")),
            ReportColumn("handed_out", N_("Handed out")),
            ReportColumn("redeemed", N_("Redeemed")),
            ReportColumn("value", N_("Value"), "amount"),
        ),
        series=("made", "handed_out", "redeemed"),
        by_currency=True,
    ),
    "attendance": ReportKind(
        title=N_("Attendance"),
        about=N_("Who came, by the date of the session. Late counts as present in the rate; excused does not count against it."),
        facts=("attended",),
        by=USUAL,
        columns=(
            ReportColumn("expected", N_("Not marked")),
            ReportColumn("present", N_("Present")),
            ReportColumn("late", N_("Late")),
            ReportColumn("absent", N_("No-shows")),
            ReportColumn("excused", N_("Excused")),
            ReportColumn("attendance", N_("Attendance rate"), "percent", _attendance),
        ),
        series=("present", "late", "absent"),
    ),
    "waitlists": ReportKind(
        title=N_("Waitlists"),
        about=N_("People by the day they joined a waitlist, how many got an offer, and how many got in."),
        facts=("waited",),
        by=USUAL,
        columns=(
            ReportColumn("waited", N_("Joined")),
            ReportColumn("offered", N_("Offered a spot")),
            ReportColumn("got_in", N_("Got in")),
            ReportColumn("success", N_("Success rate"), "percent", _ratio("got_in", "waited")),
        ),
        series=("waited", "offered", "got_in"),
    ),
}
