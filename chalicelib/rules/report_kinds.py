"""What each report shows: the facts that it adds up, its columns, and how it may be divided."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chalicelib.rules.figures import FactKind
from chalicelib.rules.translation import N_

ReportName = Literal["occupancy", "revenue", "invitations", "codes", "attendance", "waitlists"]
By = Literal["month", "session", "tag", "contract"]
Unit = Literal["number", "amount", "percent", "hours"]
Sums = dict[str, int]
"""Numbers by their names in VALUES."""
Number = int | float | None


class Column(NamedTuple):
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
    by: tuple[By, ...]
    columns: tuple[Column, ...]
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


USUAL: tuple[By, ...] = ("month", "session", "tag")
REPORTS: Mapping[ReportName, ReportKind] = {
    "occupancy": ReportKind(
        title=N_("Occupancy"),
        about=N_("How full your dates are. Each date counts with the spots of its session."),
        facts=("meetings",),
        by=USUAL,
        columns=(
            Column("meetings", N_("Dates")),
            Column("spots", N_("Spots")),
            Column("taken", N_("Taken")),
            Column("occupancy", N_("Occupancy"), "percent", _ratio("taken", "spots")),
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
            Column("registrations", N_("Bookings")),
            Column("booked", N_("Booked"), "amount"),
            Column("invoiced", N_("Invoiced"), "amount"),
            Column("paid", N_("Received"), "amount"),
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
            Column("sent", N_("Sent")),
            Column("delivered", N_("Delivered")),
            Column("accepted", N_("Accepted")),
            Column("declined", N_("Declined")),
            Column("expired", N_("Expired")),
            Column("cancelled", N_("Cancelled")),
            Column("acceptance", N_("Acceptance rate"), "percent", _ratio("accepted", "sent")),
            Column("hours_to_answer", N_("Hours to answer"), "hours", _hours),
        ),
        series=("sent", "accepted", "declined"),
    ),
    "codes": ReportKind(
        title=N_("Invitation codes"),
        about=N_("Codes by the day they were created, handed out and used. The value is the price of the bookings made with them."),
        facts=("redeemed", "issued"),
        by=("contract", "month"),
        columns=(
            Column("made", N_("Created")),
            Column("handed_out", N_("Handed out")),
            Column("redeemed", N_("Redeemed")),
            Column("value", N_("Value"), "amount"),
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
            Column("expected", N_("Not marked")),
            Column("present", N_("Present")),
            Column("late", N_("Late")),
            Column("absent", N_("No-shows")),
            Column("excused", N_("Excused")),
            Column("attendance", N_("Attendance rate"), "percent", _attendance),
        ),
        series=("present", "late", "absent"),
    ),
    "waitlists": ReportKind(
        title=N_("Waitlists"),
        about=N_("People by the day they joined a waitlist, how many got an offer, and how many got in."),
        facts=("waited",),
        by=USUAL,
        columns=(
            Column("waited", N_("Joined")),
            Column("offered", N_("Offered a spot")),
            Column("got_in", N_("Got in")),
            Column("success", N_("Success rate"), "percent", _ratio("got_in", "waited")),
        ),
        series=("waited", "offered", "got_in"),
    ),
}
