"""Static files: few and small, cached under names that change with their content."""

import re
from collections.abc import Callable

import pytest

from chalicelib.pages import assets
from chalicelib.rules.colours import DEFAULT, shades
from chalicelib.rules.invitations import Invitation
from tests.pages.browser import Browser, Page

MOST_BYTES = 60_000
MOST_SCRIPT = 18_000


def files_of(page: Page) -> list[str]:
    return re.findall(r'(?:rel="stylesheet" href|type="module" src)="([^"]+)"', page.html)


def test_a_first_visit_is_small(visitor: Browser, invite: Callable[..., tuple[Invitation, str]]) -> None:
    page = visitor.get(invite("ana@example.org")[1])
    files = [visitor.get(path) for path in files_of(page)]
    assert len(files) == 3
    assert len(page.html.encode()) + sum(len(file.html.encode()) for file in files) <= MOST_BYTES


def test_files_are_cached_for_a_year(visitor: Browser, invite: Callable[..., tuple[Invitation, str]]) -> None:
    kinds = []
    for path in files_of(visitor.get(invite("ana@example.org")[1])):
        response = visitor.get(path)
        assert response.status == 200
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        kinds.append(response.headers["content-type"].partition(";")[0])
    assert sorted(kinds) == ["text/css", "text/css", "text/javascript"]


def test_an_outdated_hash_gets_the_current_file_uncached(visitor: Browser) -> None:
    response = visitor.get("/static/rollbook.0000000000.css")
    assert response.status == 200
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["rollbook.css", "..%2Fapp.0.css", "nothing.0.css", "rollbook.0.html", "%2e%2e%2frollbook.0.js"])
def test_no_other_file_is_served(name: str, visitor: Browser) -> None:
    assert visitor.get(f"/static/{name}").status == 404


@pytest.mark.parametrize("name", ["zzz.0.css", "}body{.0.css", "2f5d50;.0.css", "2f5d50.0.js"])
def test_an_invalid_colour_gets_the_default_or_404(name: str, visitor: Browser) -> None:
    response = visitor.get(f"/accent/{name}")
    assert response.status == 404 or f"--fill:{DEFAULT};" in response.html


def test_the_script_is_short() -> None:
    assert len((assets.STATIC / "rollbook.js").read_bytes()) < MOST_SCRIPT


def test_the_style_sheet_knows_the_shades_of_the_default() -> None:
    sheet = (assets.STATIC / "rollbook.css").read_text()
    light, dark = sheet.partition("prefers-color-scheme: dark")[::2]
    for part, found in ((light, shades(DEFAULT, dark=False)), (dark, shades(DEFAULT, dark=True))):
        for name, value in found._asdict().items():
            assert f"--{name.replace('_', '-')}: {value};" in part
