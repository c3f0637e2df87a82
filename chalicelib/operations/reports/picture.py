"""The picture of a report: an SVG of bars with a pattern and a label each, so that it can be read in the dark and without colours.

Widths are parts of the whole in per cent, and text keeps its size: the picture fits a phone as well as a desk. It has no styles, only
attributes and classes: the pages' style sheet gives it their colours, and without one it is dark on white.
"""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from chalicelib import i18n
from chalicelib.rules.money import Money
from chalicelib.rules.report_kinds import Number, ReportColumn
from chalicelib.rules.reports import NOTHING, Report, ReportRow

MOST_ROWS = 24
LINE, HEADING, GAP, TOP = 20, 22, 12, 6
BAR = 12
WIDEST = 56
"""The longest bar, in per cent: its label stands behind it."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
PATTERNS = (
    '<rect width="8" height="8" fill="currentColor"/>',
    '<rect width="8" height="8" fill="currentColor" fill-opacity=".18"/><path d="M-2 2l4-4M0 8l8-8M6 10l4-4" '
    'stroke="currentColor" stroke-width="2"/>',
    '<rect width="8" height="8" fill="currentColor" fill-opacity=".08"/><circle cx="4" cy="4" r="1.8" fill="currentColor"/>',
)
"""Full, striped, dotted: told apart without colours."""


class _Bar(NamedTuple):
    """A bar: its part of the longest one, from 0 to 1, and its label."""

    part: float
    label: str


class _Group(NamedTuple):
    """The bars of a row under its heading; with `framed`, the whole is drawn around the part."""

    heading: str
    bars: Sequence[_Bar]
    framed: bool


def draw(report: Report, *, locale: str, standalone: bool = True) -> str:
    """Return the report's picture as SVG, by its largest rows, or from its first month with a value to its last.

    `standalone` gives it a white ground and a namespace, for a file.
    """
    texts = i18n.translation(locale)
    rows = report.shown
    shown = rows[:MOST_ROWS]
    groups = [_group(report, row, locale) for row in shown]
    title, about = texts.gettext(report.kind.title), texts.gettext(report.kind.about)
    if len(rows) > len(shown):
        about += " " + texts.gettext("The picture shows the first %(shown)d of %(all)d.") % {"shown": len(shown), "all": len(rows)}
    body = "".join(_drawn(groups, report.name)) or _text(0, TOP + LINE, texts.gettext("Nothing in this period."))
    height = TOP + (sum(HEADING + LINE * len(group.bars) + GAP for group in groups) or 2 * LINE)
    return _svg(report.name, title, about, body, height, standalone=standalone)


def _svg(name: str, title: str, about: str, body: str, height: int, *, standalone: bool) -> str:
    patterns = "".join(
        f'<pattern id="{name}-{index}" width="8" height="8" patternUnits="userSpaceOnUse">{drawn}</pattern>'
        for index, drawn in enumerate(PATTERNS)
    )
    whole = ' xmlns="http://www.w3.org/2000/svg"' if standalone else ""
    colour = ' color="#17201d"' if standalone else ""
    ground = '<rect width="100%" height="100%" fill="#fff"/>' if standalone else ""
    width = "720" if standalone else "100%"
    return (
        f'<svg{whole}{colour} class="chart" role="img" aria-labelledby="{name}-title {name}-about" width="{width}" height="{height}" '
        f'font-family="{escape(FONT)}" font-size="13"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-about">{escape(about)}</desc><defs>{patterns}</defs>{ground}{body}</svg>'
    )


def _drawn(groups: Sequence[_Group], name: str) -> Iterator[str]:
    y = TOP
    for group in groups:
        yield _text(0, y + 14, group.heading, bold=True)
        y += HEADING
        for index, bar in enumerate(group.bars):
            yield _bar(y, bar, f"{name}-{index}", framed=group.framed)
            y += LINE
        y += GAP


def _bar(y: int, bar: _Bar, pattern: str, *, framed: bool) -> str:
    length = round(WIDEST * min(1.0, max(0.0, bar.part)), 2)
    frame = f'<rect y="{y}" width="{WIDEST}%" height="{BAR}" rx="3" fill="none" stroke="currentColor" stroke-opacity=".55"/>'
    filled = f'<rect class="bar" y="{y}" width="{length}%" height="{BAR}" rx="3" fill="url(#{pattern})" stroke="currentColor"/>'
    label = _text(WIDEST if framed else length, y + 11, bar.label, after=8)
    return f"{frame if framed else ''}{filled if length else ''}{label}"


def _text(x: float, y: int, text: str, *, after: int = 0, bold: bool = False) -> str:
    weight = ' font-weight="600"' if bold else ""
    moved = f' dx="{after}"' if after else ""
    return f'<text x="{x}%" y="{y}"{moved}{weight} fill="currentColor">{escape(text)}</text>'


def _group(report: Report, row: ReportRow, locale: str) -> _Group:
    heading = _heading(report, row, locale)
    values = dict(zip((column.name for column in report.kind.columns), row.values, strict=True))
    columns = [column for column in report.kind.columns if column.name in report.kind.series]
    if report.kind.share:
        part, whole = (values[name] or 0 for name in report.kind.share)
        share = value_text(columns[0], values[columns[0].name], row.currency, locale)
        return _Group(heading, [_Bar(part / whole if whole else 0, f"{part} / {whole} · {share}")], framed=True)
    largest = _largest(report, row.currency)
    return _Group(heading, [_series_bar(column, values[column.name], row.currency, largest, locale) for column in columns], framed=False)


def _series_bar(column: ReportColumn, value: Number, currency: str, largest: float, locale: str) -> _Bar:
    return _Bar((value or 0) / largest, f"{value_text(column, value, currency, locale)} {_name(column, locale)}")


def _heading(report: Report, row: ReportRow, locale: str) -> str:
    currencies = {one.currency for one in report.rows}
    label = label_text(report, row, locale)
    return f"{label} · {row.currency}" if len(currencies) > 1 and row.currency else label


def _largest(report: Report, currency: str) -> float:
    """Return the longest bar's value among the rows of a currency: amounts of two currencies are never compared."""
    indexes = [index for index, column in enumerate(report.kind.columns) if column.name in report.kind.series]
    return max((row.values[index] or 0 for row in report.rows if row.currency == currency for index in indexes), default=0) or 1


def _name(column: ReportColumn, locale: str) -> str:
    name = i18n.translation(locale).gettext(column.label)
    return name[:1].lower() + name[1:]


def label_text(report: Report, row: ReportRow, locale: str) -> str:
    """Return what people call a row: a month's name, a title, or that there is none."""
    if report.by == "month":
        return i18n.month(row.key, locale)
    return row.label or i18n.translation(locale).gettext(NOTHING[report.by])


def value_text(column: ReportColumn, value: Number, currency: str, locale: str) -> str:
    """Return a value in the language's format; a dash where there is none."""
    if value is None or (column.unit == "amount" and not currency):
        return "–"
    match column.unit:
        case "amount":
            return i18n.money(Money(int(value), currency), locale)
        case "percent":
            return i18n.percent(float(value), locale)
        case "hours":
            return i18n.number(float(value), locale)
    return i18n.number(value, locale)
