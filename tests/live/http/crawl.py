"""A crawl of the pages: each kind of page that links lead to, and each form with a mandatory field as it is refused when it is empty."""

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urljoin, urlsplit

from tests.live.stack import Reply, Stack

ID = re.compile(r"(?<=/)(?=[\w.-]*\d)[\w.-]{6,}|(?<=/templates/)\w+")
VALUE = re.compile(r"(?<!tab)(?<!lang)=[^&]*")
MANDATORY = re.compile(r'<form method="post" action="([^"]*)"[^>]*>(?:(?!</form>).)*aria-required', re.DOTALL)


def kind_of(path: str) -> str:
    """Return the path without ids and without the values of its query, except the tab and the language."""
    return VALUE.sub("=", ID.sub("*", path))


@dataclass
class Crawl:
    """The pages that one person reaches, by method, status and path."""

    stack: Stack
    access: str = ""
    """The access token, or "" for a visitor."""
    language: str = "en"
    per_kind: int = 1
    in_other_languages: bool = True
    """Whether links to the same page in another language are followed."""
    pages: dict[str, str] = field(default_factory=dict)
    _kinds: Counter[str] = field(default_factory=Counter)

    def run(self, starts: Iterable[str]) -> dict[str, str]:
        waiting = deque(starts)
        while waiting:
            path = waiting.popleft()
            if "lang=" in path and not self.in_other_languages:
                continue
            self._kinds[kind_of(path)] += 1
            if self._kinds[kind_of(path)] <= self.per_kind:
                waiting.extend(self._visit(path))
        return self.pages

    def _visit(self, path: str) -> list[str]:
        """Keep a page, and its refused forms. Return the paths that it leads to."""
        response = self._call("GET", path)
        if 300 <= response.status < 400:
            return self._paths(path, [response.headers["location"]])
        html = self._keep("GET", path, response)
        for action in MANDATORY.findall(html):
            self._refused(self._paths(path, [action or path]))
        return self._paths(path, re.findall(r'<a [^>]*href="([^"]+)"', html))

    def _refused(self, actions: list[str]) -> None:
        for action in actions:
            self._kinds[f"POST {kind_of(action)}"] += 1
            if self._kinds[f"POST {kind_of(action)}"] == 1:
                self._keep("POST", action, self._call("POST", action, b""))

    def _call(self, method: str, path: str, body: bytes | None = None) -> Reply:
        sent = {"Accept-Language": self.language, "Origin": self.stack.url, "Content-Type": "application/x-www-form-urlencoded"}
        if self.access:
            sent["Cookie"] = f"rollbook-access={self.access}"
        return self.stack.call(method, path, body, headers=sent)

    def _keep(self, method: str, path: str, response: Reply) -> str:
        if "text/html" not in response.headers.get("content-type", ""):
            return ""
        html = response.body.decode()
        self.pages[f"{method} {response.status} {path}"] = html
        return html

    def _paths(self, base: str, links: list[str]) -> list[str]:
        """Return the paths of this application among the links of a page."""
        found = [urlsplit(urljoin(self.stack.url + base, unescape(link))) for link in links]
        here = urlsplit(self.stack.url).netloc
        return [f"{one.path}?{one.query}" if one.query else one.path for one in found if one.netloc == here]
