"""A headless browser without JavaScript, in process: it stores cookies, reads the forms of pages and submits them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

from infra.local.gateway import Gateway
from infra.local.http_server import Request

HOST = "127.0.0.1:8000"


@dataclass
class Form:
    """A form of a page: its action, its method, and the values of its fields."""

    action: str
    method: str
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """The answer to a request."""

    path: str
    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    """Every Set-Cookie header, unparsed."""
    html: str

    @property
    def text(self) -> str:
        """The visible text, with whitespace collapsed."""
        return " ".join(_parsed(self.html).words)

    @property
    def forms(self) -> list[Form]:
        return _parsed(self.html).forms

    def form(self, action: str = "") -> Form:
        """Return the form that posts to this path (by default the page's own); of several, the one with most fields."""
        wanted = action or urlsplit(self.path).path
        found = [form for form in self.forms if form.method == "post" and urlsplit(form.action or self.path).path == wanted]
        return max(found, key=lambda form: len(form.fields))

    def form_named(self, name: str) -> Form:
        """Return the form with this id."""
        return next(form for form in self.forms if form.id == name)

    @property
    def links(self) -> list[str]:
        return _parsed(self.html).links

    def described(self, name: str) -> str:
        """Return the fault that is shown at a field."""
        return " ".join(_parsed(self.html).faults.get(name, []))


class Browser:
    """A browser session. `language` is its Accept-Language."""

    def __init__(self, gateway: Callable[[], Gateway], *, language: str = "en", host: str = HOST) -> None:
        self._gateway = gateway
        self._language = language
        self.host = host
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Page:
        return self._send("GET", path, b"", headers)

    def post(self, path: str, fields: Mapping[str, str], **headers: str) -> Page:
        """Submit a form from a page of this host. `Origin=""` leaves the header out."""
        sent = {"Origin": f"http://{self.host}", "Content-Type": "application/x-www-form-urlencoded", **headers}
        return self._send("POST", path, urlencode(fields).encode(), sent)

    def send_file(self, path: str, fields: Mapping[str, str], content: bytes) -> Page:
        """Submit a form with a file."""
        parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items() if name != "file"]
        parts.append(b'name="file"; filename="table.csv"\r\nContent-Type: text/csv\r\n\r\n' + content)
        body = b"".join(b"--mark\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--mark--\r\n"
        return self._send("POST", path, body, {"Origin": f"http://{self.host}", "Content-Type": "multipart/form-data; boundary=mark"})

    def send(self, page: Page, fields: Mapping[str, str], *, action: str = "") -> Page:
        """Fill in the page's form and submit it."""
        form = page.form(action)
        return self.post(form.action or page.path, {**form.fields, **fields})

    def follow(self, page: Page) -> Page:
        """Follow a redirect."""
        assert page.status == 303, page.html
        return self.get(urljoin(page.path, page.headers["location"]))

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        bare, _, query = path.partition("#")[0].partition("?")
        sent = {"Host": self.host, "Accept-Language": self._language, **headers}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = tuple((name, value) for name, value in sent.items() if value)
        response = self._gateway()(Request(method, bare, query, given, body, "127.0.0.1"))
        cookies = tuple(value for name, value in response.headers if name.lower() == "set-cookie")
        for cookie in cookies:
            self._keep(cookie)
        named = {name.lower(): value for name, value in response.headers}
        return Page(path, response.status, named, cookies, response.body.decode())

    def _keep(self, cookie: str) -> None:
        name, _, rest = cookie.partition("=")
        value, *attributes = rest.split("; ")
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value


def _parsed(html: str) -> "_Reader":
    reader = _Reader()
    reader.feed(html)
    return reader


class _Reader(HTMLParser):
    """Collects the words, links, forms and faults of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.faults: dict[str, list[str]] = {}
        self._quiet = 0
        self._area = ""
        self._select = ""
        self._fault = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        match tag:
            case "script" | "style" | "title":
                self._quiet += 1
            case "a":
                self.links.append(given.get("href", ""))
            case "form":
                self.forms.append(Form(given.get("action", ""), given.get("method", "get"), given.get("id", "")))
            case "input" if name:
                self._field(name, given)
            case "textarea":
                self._area = name
                self._put(name, "")
            case "select":
                self._select = name
            case "option" if self._select:
                if "selected" in given or self._select not in self._last():
                    self._put(self._select, given.get("value", ""))
            case "p" if given.get("id", "").endswith(":fault"):
                self._fault = given["id"].removesuffix(":fault")

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "script" | "style" | "title":
                self._quiet -= 1
            case "textarea":
                self._area = ""
            case "select":
                self._select = ""
            case "p":
                self._fault = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._put(self._area, data.removeprefix("\n"))
        elif not self._quiet:
            self.words += data.split()
        if self._fault and data.strip():
            self.faults.setdefault(self._fault, []).append(data.strip())

    def _field(self, name: str, given: Mapping[str, str]) -> None:
        if given.get("type") in {"checkbox", "radio"}:
            if "checked" in given:
                self._put(name, given.get("value", "on"))
        else:
            self._put(name, given.get("value", ""))

    def _put(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1].fields[name] = value

    def _last(self) -> Mapping[str, str]:
        return self.forms[-1].fields if self.forms else {}
