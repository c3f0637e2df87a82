"""Going back a version: each operation leaves attributes that it does not know, as a newer version may have written them."""

import re

import pytest
from moto.dynamodb.models.dynamo_type import DynamoType

from chalicelib.api.endpoints import Endpoint, every
from chalicelib.web.audience import Public, Staff
from tests.api.route_cases import ROWS, filled
from tests.api.route_things import THINGS
from tests.api.stored_items import dump, stored_items
from tests.api.tenants import World
from tests.http import call

NEWER = "of_the_next_version"
MERGED = "merged_into"
"""What is left of a customer who was merged into another: nothing but that."""
COMPUTED = re.compile(r" demo#meetings |#words#|#customers#| [89]#\w+#|#invoices COUNT#| CONTRACTS$")
"""Rows that are computed from others and written anew: meetings, those that lead to customers, guards, counts, contracts' terms."""


def plant() -> None:
    """Put an attribute that this version does not know into every row that is stored, once."""
    for item in stored_items().values():
        item.attrs[NEWER] = DynamoType({"M": {"what": {"S": "nobody here knows"}}})


def edits() -> list[Endpoint]:
    return [one for one in every() if one.method in {"PATCH", "PUT", "POST"} and ROWS[one.method, one.path].gives < 300]


@pytest.mark.parametrize("declared", edits(), ids=lambda one: one.id)
def test_an_operation_leaves_what_a_newer_version_wrote(world: World, declared: Endpoint) -> None:
    row, names = ROWS[declared.method, declared.path], re.findall(r"{(\w+)}", declared.path)
    params = {"org": "demo", **THINGS[row.on or (names[-1] if names and names[-1] in THINGS else "org")](world.demo)}
    plant()
    before = dump()
    path = re.sub(r"{(\w+)}", lambda name: params[name[1]], declared.path)
    token = world.demo.tokens["owner"] if isinstance(declared.who, Staff) else None if isinstance(declared.who, Public) else world.customer
    response = call(declared.method, path, filled(row.body, world.demo, params), token=token)
    assert response.status == row.gives, response.text
    lost = [
        key for key, values in dump().items() if key in before and NEWER not in values and not COMPUTED.search(key) and MERGED not in values
    ]
    assert lost == []
