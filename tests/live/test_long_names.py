"""Names in paths, with a database that limits the length of keys, as moto does not."""

import pytest

from tests.http import call

pytestmark = pytest.mark.live
TOO_LONG = ("x" * 1_200, "x" * 2_049, "x" * 10_000, "%C3%A9" * 1_100)


@pytest.mark.parametrize("name", TOO_LONG, ids=len)
@pytest.mark.parametrize(
    "path",
    [
        "/v1/portal/{name}/sessions",
        "/v1/portal/demo/sessions/{name}",
        "/v1/portal/{name}/sessions/{name}",
        "/v1/invitations/{name}",
        "/v1/invitations/demo.{name}.own.seal",
        "/v1/invitations/demo.session.{name}.seal",
        "/v1/invitations/{name}.session.own.seal",
    ],
)
def test_an_id_too_long_for_a_key_is_not_found(stage: str, path: str, name: str) -> None:
    response = call("GET", path.format(name=name))
    assert (response.status, response.json["code"]) == (404, "not_found")


def test_any_participant_has_a_key(stage: str) -> None:
    from chalicelib.tables import dynamodb, keys
    from chalicelib.tables.items import Item

    address = "a" * 64 + "@" + "x." * 92 + "test"
    for name in ("ﷺ" * 200, "👶" * 200, "é" * 200):
        key = keys.participant("demo", "session", address, name)
        entry: Item = {**key.stored(), "registration": {"S": "own"}}
        dynamodb.put_new(f"rollbook-{stage}-rosters", entry)
