"""A browser's part in a form: cookies, redirects and hidden fields."""

import re
from collections.abc import Mapping
from html import unescape
from http.cookiejar import CookieJar
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

SECONDS = 120
HIDDEN = re.compile(r"<input\b[^>]*type=\"hidden\"[^>]*>")
ATTRIBUTE = re.compile(r"(name|value)=\"([^\"]*)\"")


class Page(NamedTuple):
    url: str
    status: int
    text: str

    @property
    def hidden(self) -> dict[str, str]:
        """The names and values of the hidden fields of its forms."""
        found = (dict(ATTRIBUTE.findall(field)) for field in HIDDEN.findall(self.text))
        return {one["name"]: unescape(one.get("value", "")) for one in found if "name" in one}


class Browser:
    """One visitor's."""

    def __init__(self, home: str) -> None:
        self._home = home
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, path: str) -> Page:
        return self._ask(Request(urljoin(self._home, path)))

    def submit(self, path: str, fields: Mapping[str, str], shown: Page) -> Page:
        """Send a form of the page that is shown, with the page's hidden fields."""
        typed = urlencode({**shown.hidden, **fields}).encode()
        return self._ask(Request(urljoin(self._home, path), typed, {"Referer": shown.url, "Origin": self._home}))

    def _ask(self, request: Request) -> Page:
        try:
            with self._opener.open(request, timeout=SECONDS) as response:
                return Page(response.geturl(), response.status, response.read().decode())
        except HTTPError as refused:
            return Page(refused.url or request.full_url, refused.code, refused.read().decode())
