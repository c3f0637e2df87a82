"""Estimate the costs of a stage: idle for a month, and for a thousand invitations that are sent, opened and accepted."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator

PRICES = {
    "requests": 3.70e-6,
    "invocations": 0.20e-6,
    "gigabyte-seconds": 13.34e-6,
    "write units": 0.7625e-6,
    "read units": 0.1525e-6,
    "e-mails": 100e-6,
    "queue requests": 0.40e-6,
    "alarm metrics": 0.10,
    "dashboards": 3.00,
    "metrics": 0.30,
    "secrets": 0.40,
    "log gigabytes": 0.63,
}
"""US dollars each, on demand, Frankfurt, without the free tiers. As they were when this was written; --price sets another."""
PER_INVITATION = {
    "requests": 6,
    "invocations": 15,
    "gigabyte-seconds": 2.4,
    "write units": 108,
    "read units": 39,
    "e-mails": 2,
    "log gigabytes": 12e-6,
}
"""Sent, opened and accepted, with style sheet, script and colours: two e-mails with their delivery events. The units are counted by
`python -m bench.growth`."""
IDLE = {
    "invocations": 43_200,
    "gigabyte-seconds": 43_200 * 0.1,
    "read units": 43_200 * 30,
    "queue requests": 2 * 648_000,
    "alarm metrics": 24,
    "dashboards": 1,
    "metrics": 1,
    "secrets": 1,
    "log gigabytes": 0.03,
}
"""A month, whatever the number of organisations: the clock asks 60 queries each minute, Lambda asks two queues every four seconds.
CloudWatch bills a metric for the hours in which it is written; without use that is `Drift` alone."""


def add(parser: ArgumentParser) -> None:
    parser.add_argument("--price", type=_price, action="append", default=[], metavar="NAME=DOLLARS", help=f"one of {', '.join(PRICES)}")


def run(options: Namespace) -> int:
    """Print the table."""
    print("\n".join(table(PRICES | dict(options.price))))
    return 0


def _price(pair: str) -> tuple[str, float]:
    name, _, dollars = pair.partition("=")
    try:
        price = float(dollars)
    except ValueError:
        price = -1.0
    if name not in PRICES or not 0 <= price < float("inf"):
        raise ArgumentTypeError(f"write a name and its dollars, such as metrics=0.25; names are {', '.join(PRICES)}")
    return name, price


def table(prices: dict[str, float]) -> Iterator[str]:
    """Return the rows, and their sums."""
    yield "| | price each | a month idle | 1,000 invitations |"
    yield "| --- | ---: | ---: | ---: |"
    for name, price in prices.items():
        yield (
            f"| {name} | {price:.10f}".rstrip("0").rstrip(".")
            + f" | {_dollars(IDLE, name, price)} | {_dollars(PER_INVITATION, name, price * 1000)} |"
        )
    yield f"| **US dollars** | | **{_sum(IDLE, prices):.2f}** | **{_sum(PER_INVITATION, prices) * 1000:.2f}** |"


def _dollars(use: dict[str, float], name: str, price: float) -> str:
    return f"{use[name] * price:.2f}" if name in use else ""


def _sum(use: dict[str, float], prices: dict[str, float]) -> float:
    return sum(amount * prices[name] for name, amount in use.items())
