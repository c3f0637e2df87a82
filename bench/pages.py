"""P16: a local stack with 10,000 customers, 1,000 sessions and a roster of 300: the first byte of every page, a rush, and it idle."""

import re
import time
from collections import deque
from collections.abc import Iterator
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from bench import losers
from bench.crowd import fill
from bench.figures import Figure, at_most
from bench.stack import Running, running

MOST_MS, MOST_IDLE = 300, 3
ROUNDS, IDLE_SECONDS, SETTLES_SECONDS = 5, 60, 10
STARTS = ("/o/demo", "/o/demo/customers?q=martin", "/p/demo")
ID = re.compile(r"(?<=/)(?=[\w.~-]*\d)[\w.~-]{2,}|(?<=/templates/)\w+")
VALUE = re.compile(r"(?<!tab)=[^&]*")
LINK = re.compile(r'<a [^>]*href="([^"#]+)"')
LEADS_ELSEWHERE = re.compile(r"\.(csv|ics|json|png|svg|pdf)\b|[?&](lang|after|page|start)=|/api/")


def figures() -> Iterator[Figure]:
    with TemporaryDirectory() as folder, running(Path(folder)) as stack:
        fill(stack, Path(folder))
        for kind, milliseconds in sorted(_medians(stack).items(), key=lambda one: one[1]):
            yield at_most("P16", f"first byte of {kind}", milliseconds, MOST_MS, "ms")
        yield from losers.figures(stack)
        yield at_most("P16", "an idle local stack", _idle(stack), MOST_IDLE, "% of a core")


def _medians(stack: Running) -> dict[str, float]:
    """Return the median time until the first byte of each kind of page that links lead to, in milliseconds."""
    return {kind: median(_first_byte(stack, path)[0] for _ in range(ROUNDS)) for kind, path in _pages(stack).items()}


def _pages(stack: Running) -> dict[str, str]:
    """Return a page of each kind that links lead to: kind → path."""
    found, waiting = dict[str, str](), deque(STARTS)
    while waiting:
        path = waiting.popleft()
        kind = VALUE.sub("=…", ID.sub("…", path))
        if kind in found or LEADS_ELSEWHERE.search(path):
            continue
        _, status, html = _first_byte(stack, path)
        if status == 200:
            found[kind] = path
            waiting.extend(_ours(stack, html))
    return found


def _ours(stack: Running, html: str) -> Iterator[str]:
    for link in map(unescape, LINK.findall(html)):
        one = urlsplit(link)
        if one.path.startswith("/") and one.netloc in ("", urlsplit(stack.url).netloc):
            yield f"{one.path}?{one.query}" if one.query else one.path


def _first_byte(stack: Running, path: str) -> tuple[float, int, str]:
    """Return the milliseconds until the first byte, the status and the text."""
    connection = HTTPConnection(urlsplit(stack.url).netloc, timeout=60)
    connection.connect()
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": f"rollbook-access={stack.access}", "Accept-Language": "en"})
    answer = connection.getresponse()
    took = (time.perf_counter() - began) * 1000
    text = answer.read().decode(errors="replace")
    connection.close()
    return took, answer.status, text


def _idle(stack: Running) -> float:
    """Return the processor time of all its programs while nobody uses it, in percent of one core."""
    time.sleep(SETTLES_SECONDS)
    before, began = stack.processor_seconds(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return 100 * (stack.processor_seconds() - before) / (time.monotonic() - began)
