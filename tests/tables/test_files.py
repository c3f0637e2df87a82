"""Links to files of the bucket."""

from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.tables import files


@pytest.mark.parametrize(("name", "kind"), [("codes.csv", "text/csv; charset=utf-8"), ("ana.json", "application/json")])
def test_a_link_is_short_lived_and_only_downloads(bucket: str, name: str, kind: str) -> None:
    asked = parse_qs(urlsplit(files.link_to("demo", "text", name)).query)
    assert int(asked["X-Amz-Expires"][0]) <= 60
    assert asked["response-content-disposition"] == [f'attachment; filename="{name}"']
    assert asked["response-content-type"] == [kind]
    assert asked["response-cache-control"] == ["private, no-store"]
