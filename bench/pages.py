"""P16: the first byte of every page of a local stack with 10,000 customers, 1,000 sessions and a roster of 300."""

import re
import time
from collections import deque
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from html import unescape
from http.client import HTTPConnection
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

from bench.crowd import GROUP
from bench.figures import Figure, at_most
from bench.stack import Running
from bench.world import now
from chalicelib.pages import views
from chalicelib.web.path_match import Resources

MOST_MS = 300
FAR = timedelta(days=20)
"""Most sessions of the crowd lie within five weeks."""
ROUNDS = 5
STARTS = (
    "/o/demo",
    "/o/demo/customers?status=accepted",
    f"/o/demo/customers?group={GROUP}",
    f"/o/demo/customers?group={GROUP}&status=accepted",
    "/o/demo/customers?q=martin",
    "/o/demo/customers?q=martin&status=accepted",
    "/o/demo/search?q=martin",
    "/p/demo",
    "/p/demo?tag=rare",
)
ID = re.compile(r"(?<=/)(?=[\w.~-]*\d)[\w.~-]{2,}")
VALUE = re.compile(r"(?<!tab)(?<!view)=.*")
LINK = re.compile(r'<a [^>]*href="([^"#]+)"')
LEADS_ELSEWHERE = re.compile(r"\.(csv|ics|json|png|svg|pdf)\b|[?&](lang|after|page|start)=|/api/")


def figures(stack: Running) -> Iterator[Figure]:
    for kind, taken in sorted(_taken(stack).items(), key=lambda one: one[1]):
        yield at_most("P16", f"first byte of {kind}", taken.milliseconds, MOST_MS, "ms")
        yield Figure("P16", f"processor time of {kind}", round(taken.processor), "ms")


class Taken(NamedTuple):
    """What a page takes: the median time until its first byte, and the mean of processor time, of all programs of the stack."""

    milliseconds: float
    processor: float


def _taken(stack: Running) -> dict[str, Taken]:
    """Return what each kind of page that links lead to takes."""
    return {kind: _of_page(stack, path) for kind, path in _pages(stack).items()}


def _of_page(stack: Running, path: str) -> Taken:
    before = stack.processor_seconds()
    milliseconds = median(_first_byte(stack, path)[0] for _ in range(ROUNDS))
    return Taken(milliseconds, 1000 * (stack.processor_seconds() - before) / ROUNDS)


@cache
def _declared() -> Resources:
    return Resources({page.path: [page.method] for page in views.every()})


def _kind(path: str) -> str:
    """Return what pages of the same declaration, asked with the same names, have in common."""
    of_page, _, query = path.partition("?")
    declared = _declared().find(of_page)
    names = sorted(VALUE.sub("=…", part) for part in query.split("&") if part)
    return "?".join([declared.resource if declared else ID.sub("…", of_page), *(["&".join(names)] if names else [])])


def _pages(stack: Running) -> dict[str, str]:
    """Return a page of each kind that links lead to: kind → path."""
    far = (now() + FAR).date()
    found, waiting = dict[str, str](), deque([*STARTS, f"/o/demo?view=month&date={far}", f"/p/demo?month={far:%Y-%m}"])
    while waiting:
        path = waiting.popleft()
        kind = _kind(path)
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
    response = connection.getresponse()
    took = (time.perf_counter() - began) * 1000
    text = response.read().decode(errors="replace")
    connection.close()
    return took, response.status, text
