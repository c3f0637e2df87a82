"""The work of a day on rows that another version wrote. `test_version_before.py` copies it into that version, and runs it there.

So it uses only names that both versions have.
"""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chalicelib import clients
from chalicelib.config import config
from chalicelib.events import schedules
from chalicelib.operations import reconcile
from tests.api.route_cases import ROWS
from tests.http import Response, call

TABLES = ("codes", "messages", "rosters", "records", "memory")
FOLDER = "ROLLBOOK_ROWS"
NEWER = "of_the_next_version"
"""An attribute that no version knows."""
EDITED = ("ORGANISATION", "0#SESSION", "CUSTOMER#", "CONTRACT#")
OF_INDEXES = {"due", "due_at", "remind", "remind_at", "unsent", "directory", "directory_at", "sought", "waits"}
LISTS = sorted(path for (method, path) in ROWS if method == "GET" and path.startswith("/v1/orgs/{org}/") and path.count("{") == 1)
WITHOUT_POOL = "/v1/orgs/{org}/second-factor"
ORG = "/v1/orgs/demo"

Row = dict[str, Any]
Key = tuple[str, str, str]


def table(name: str) -> str:
    return str(getattr(config(), f"{name}_table"))


def every() -> dict[Key, Row]:
    """Return all rows, by table and key."""
    pages = ((name, clients.dynamodb().get_paginator("scan").paginate(TableName=table(name))) for name in TABLES)
    rows = ((name, row) for name, found in pages for page in found for row in page["Items"])
    return {(name, row["pk"]["S"], row["sk"]["S"] if "sk" in row else ""): row for name, row in rows}


def save(folder: Path) -> None:
    (folder / "rows.json").write_text(json.dumps([[name, row] for (name, _, _), row in every().items()], default=_as_text))


def plant() -> None:
    """Give the rows that are edited an attribute, as a version after this one may."""
    for name, pk, sk in every():
        if sk.startswith(EDITED):
            change, value = f"SET {NEWER} = :value", {":value": {"S": "nobody here knows"}}
            update = {"TableName": table(name), "Key": {"pk": {"S": pk}, "sk": {"S": sk}}, "UpdateExpression": change}
            client: Any = clients.dynamodb()
            client.update_item(**update, ExpressionAttributeValues=value)


def load(folder: Path) -> None:
    """Put the rows of a folder in the place of those that are there."""
    for name, pk, sk in every():
        clients.dynamodb().delete_item(TableName=table(name), Key={"pk": {"S": pk}, **({"sk": {"S": sk}} if sk else {})})
    for name, row in json.loads((folder / "rows.json").read_text()):
        clients.dynamodb().put_item(TableName=table(name), Item={part: _value(typed) for part, typed in row.items()})


def work(owner: str, child: str) -> None:
    """Read every list, edit what there is, book, invite, and let the clock run for a month. Each must succeed."""

    def done(method: str, path: str, body: Any = None) -> Response:
        response = call(method, path, body, token=owner)
        assert response.status < 300, (method, path, response.text)
        return response

    person = {"email": f"{child}@demo.test", "name": "Ana", "participants": [{"name": child}]}
    for path in LISTS:
        if path != WITHOUT_POOL:
            done("GET", path.replace("{org}", "demo"))
    done("PATCH", ORG, {"address": "Main street 1"})
    for one in done("GET", f"{ORG}/customers").json["items"]:
        done("PATCH", f"{ORG}/customers/{one['id']}", {"phone": "+41 79 555 01 02"})
    for one in done("GET", f"{ORG}/contracts").json["items"]:
        done("PATCH", f"{ORG}/contracts/{one['id']}", {"name": "Another name"})
    for one in done("GET", f"{ORG}/sessions").json["items"]:
        done("GET", f"{ORG}/sessions/{one['id']}/roster")
        done("PATCH", f"{ORG}/sessions/{one['id']}", {"title": "Another title"})
        if one["spots"]["free"] > 1:
            done("POST", f"/v1/portal/demo/sessions/{one['id']}/registrations", {**person, "tier": one["tiers"][0]["id"]})
            done("POST", f"{ORG}/sessions/{one['id']}/invitations", {"email": f"invited-{child}@demo.test"})
    assert list(reconcile.reconcile("demo", now=datetime.now(UTC), repair=False)) == []
    for days in (0, 3, 8, 30):
        schedules.run(datetime.now(UTC).replace(minute=0) + timedelta(days=days))


def owner_of(rows: dict[Key, Row]) -> str:
    """Return the user who owns demo."""
    members = {sk: row for (_, pk, sk), row in rows.items() if pk == "demo" and sk.startswith("MEMBER#")}
    return next(sk.removeprefix("MEMBER#") for sk, row in members.items() if row["role"]["S"] == "owner")


def test_a_day_on_these_rows(tables: None, bucket: str, token_for: Callable[..., str]) -> None:
    folder = Path(os.environ[FOLDER])
    load(folder)
    before = every()
    work(token_for(owner_of(before)), "kim")
    after = every()
    lost = {key: gone for key, row in before.items() if key in after and (gone := row.keys() - after[key].keys() - OF_INDEXES)}
    assert lost == {}
    save(folder)


def _as_text(content: bytes) -> str:
    return b64encode(content).decode()


def _value(typed: Any) -> Any:
    ((kind, value),) = typed.items()
    if kind == "B":
        return {"B": b64decode(value)}
    if kind == "M":
        return {"M": {name: _value(one) for name, one in value.items()}}
    return {"L": [_value(one) for one in value]} if kind == "L" else typed
