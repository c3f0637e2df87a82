"""`python -m bench.growth`: what N organisations need, what breaks first, and what it costs. docs/scale.md explains it.

The exit code is 1 if a promise is broken: `PROMISED` organisations, each with the usual day.
"""

import sys
from collections.abc import Iterator

from bench.figures import Figure, at_least
from bench.limits import DAY, MOST, PROMISED, costs, limits, rates
from bench.workload import Measured, measure

SIZES = (1, 10, 100, 10_000)


def tables(used: Measured) -> Iterator[str]:
    """Yield the lines of four tables: what each part uses, the limits, the rates of one session and organisation, and the costs."""
    yield "| part of the workload | requests | write units | read units | bytes kept | e-mails |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name, part in used.items():
        use = part.total
        kept = round(use.stored, -2)
        yield f"| {name} | {use.requests:.1f} | {use.write_units:.0f} | {use.read_units:.0f} | {kept:.0f} | {part.mails:.0f} |"
    yield ""
    yield f"| limit | of | at most | {' | '.join(f'{size:,}' for size in SIZES)} | holds for | kept by |"
    yield "| --- | --- | ---: | " + "---: | " * len(SIZES) + "---: | --- |"
    for limit in limits(used):
        needed = " | ".join(_short(limit.needed(size)) for size in SIZES)
        holds = f"{_short(limit.holds_for)}" if limit.holds_for < MOST else "any"
        yield f"| {limit.what} | {limit.unit} | {_short(limit.most)} | {needed} | {holds} | {limit.kept_by or 'us'} |"
    yield ""
    yield "| at most, whatever the number of organisations | of | a second |"
    yield "| --- | --- | ---: |"
    for name, of, rate in rates(used):
        yield f"| {name} | {of} | {_short(rate)} |"
    yield ""
    yield f"| US dollars a month | {' | '.join(f'{size:,}' for size in SIZES)} |"
    yield "| --- |" + " ---: |" * len(SIZES)
    by_size = [costs(used, size) for size in SIZES]
    for line in by_size[0]:
        yield f"| {line} | {' | '.join(_dollars(by[line]) for by in by_size)} |"
    yield f"| **sum** | {' | '.join(f'**{_dollars(sum(by.values()))}**' for by in by_size)} |"


def _short(number: float) -> str:
    """Return a number with two significant digits."""
    if number >= 100:
        digits = len(str(round(number)))
        return f"{round(number, 2 - digits):,.0f}"
    return f"{number:.2g}"


def _dollars(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 100 else f"{amount:.2f}"


def figures() -> Iterator[Figure]:
    """Yield for how many organisations our own limits hold."""
    for limit in limits(measure()):
        if not limit.kept_by:
            yield at_least("G", f"growth: {limit.what} holds for", limit.holds_for, PROMISED, "orgs")


def main() -> int:
    """Print the tables and the verdict, and return the exit code."""
    used = measure()
    print("\n".join(tables(used)))
    broken = [limit for limit in limits(used) if limit.is_broken]
    for limit in broken:
        print(f"NOT KEPT: {limit.what}: at most {_short(limit.most)} {limit.unit}, passed beyond {limit.holds_for:,} organisations.")
    if not broken:
        print(f"\n{PROMISED:,} organisations with {PROMISED * DAY.invitations:,} invitations a day pass.")
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
