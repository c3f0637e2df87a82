"""moto without its slowest steps.

For each test, moto reads the definitions of AWS's services and the key of user pools again, and lists two thousand addresses of AWS, while
tables and queues are created one by one and filled with the same organisation: these are kept. For each request moto looks through its
list of all services and its own methods: these are remembered, and our services stand first. For each query moto sorts the whole table,
comparing wrapped values in Python: here it reads the items of the key, and sorts strings, which all our keys are. moto looks up each
attribute of each stored value under several names: here they are serialized directly. Before a transaction it deep-copies each table with
its stream: here the copy is shallow, and `update_item` replaces the item.
"""

import copy
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from joserfc.jwk import RSAKey
from moto.backend_index import backend_url_patterns
from moto.backends import get_backend
from moto.cognitoidp import models as cognitoidp
from moto.core import custom_responses_mock, models, responses, utils
from moto.core.exceptions import JsonRESTError
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models import table as dynamo_table
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.sqs.models import Queue

from tests import direct_moto, fast_botocore, moto_expressions, moto_items

ACCOUNT, REGION = "123456789012", "eu-central-1"
VALUE = "AttributeValue"
_thorough = ResponseSerializer._serialize
_in_place = DynamoDBBackend.update_item
_whole_query = Table.query
_of_key: ContextVar[Sequence[tuple[str, Any]]] = ContextVar("_of_key", default=())
"""The key of the query that this thread is in."""
OURS = ("dynamodb", "dynamodbstreams", "sqs", "cognito-idp", "sesv2", "s3", "secretsmanager")
_made: dict[Callable[[], None], tuple[Any, dict[str, Queue]]] = {}
_filled: dict[tuple[Callable[[datetime], None], datetime, tuple[str, ...]], Any] = {}
_address = cache(custom_responses_mock.CallbackResponse)


@cache
def speed_up() -> None:
    """Replace moto's slow steps, and botocore's, in this process."""
    fast_botocore.speed_up()
    direct_moto.speed_up(ACCOUNT, REGION)
    moto_expressions.speed_up()
    moto_items.speed_up()
    ResponseSerializer._serialize = _serialize  # type: ignore[method-assign]
    models.CallbackResponse = _address  # type: ignore
    Table.__deepcopy__ = _snapshot  # type: ignore[attr-defined]
    DynamoDBBackend.update_item = _update_item  # type: ignore[method-assign]
    responses.method_names_from_class = cache(utils.method_names_from_class)  # type: ignore[attr-defined]
    Table.query = _query  # type: ignore[method-assign]
    Table.all_items = _all_items  # type: ignore[method-assign]
    Table.sorted_items = _sorted_items  # type: ignore[method-assign]
    dynamo_table.dynamo_json_dump = lambda _: ""  # type: ignore  # Nobody reads how long a stream's record is.
    backend_url_patterns.sort(key=lambda entry: entry[0] not in OURS)
    cognitoidp.jwk = SimpleNamespace(RSAKey=SimpleNamespace(import_key=lambda key: _key(json.dumps(key))))  # type: ignore


def create_once(make: Callable[[], None]) -> None:
    """Create tables and queues with `make` the first time; later calls restore them empty."""
    dynamodb, sqs = get_backend("dynamodb")[ACCOUNT][REGION], get_backend("sqs")[ACCOUNT][REGION]
    if make not in _made:
        make()
        _made[make] = copy.deepcopy(dynamodb.tables), dict(sqs.queues)
    tables, queues = _made[make]
    dynamodb.tables = copy.deepcopy(tables)
    sqs.queues = {name: _emptied(queue) for name, queue in queues.items()}
    for queue in sqs.queues.values():
        queue.dead_letter_queue = queue.dead_letter_queue and sqs.queues[queue.dead_letter_queue.name]


def fill_once(fill: Callable[[datetime], None], now: datetime) -> None:
    """Fill the tables of `create_once` with `fill` the first time; later calls of this moment restore its rows."""
    dynamodb = get_backend("dynamodb")[ACCOUNT][REGION]
    if not dynamodb.tables or any(table.items for table in dynamodb.tables.values()):
        fill(now)  # Other rows must stay.
        return
    filling = fill, now, tuple(dynamodb.tables)
    if filling not in _filled:
        fill(now)
        _filled[filling] = copy.deepcopy(dynamodb.tables)
    dynamodb.tables = copy.deepcopy(_filled[filling])


def _emptied(queue: Queue) -> Queue:
    queue = copy.copy(queue)
    queue._messages, queue._pending_messages, queue.deleted_messages = [], set(), set()
    return queue


@cache
def _key(document: str) -> Any:
    return RSAKey.import_key(json.loads(document))


def _serialize(self: ResponseSerializer, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.name == VALUE and isinstance(value, DynamoType):
        value = value.to_regular_json()
    if shape.name == VALUE and isinstance(value, dict) and "B" not in value:
        self._default_serialize(serialized, value, shape, key)
    else:
        _thorough(self, serialized, value, shape, key)


def _snapshot(table: Table, _memo: object) -> Table:
    """Return the state that a failed transaction restores: the items and the stream of now."""
    kept = copy.copy(table)
    kept.tags = list(table.tags)
    kept.items = defaultdict(dict, {name: dict(items) if table.has_range_key else items for name, items in table.items.items()})
    if table.stream_shard:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.items = list(table.stream_shard.items)
        kept.stream_shard.table = kept
    return kept


def _update_item(self: DynamoDBBackend, table_name: str, key: dict[str, Any], *more: Any, **named: Any) -> Any:
    table = self.get_table(table_name)
    first = DynamoType(key[table.hash_key_attr])
    second = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
    item = table.get_item(first, second)
    if item is not None:
        _put_in_place(table, first, second, copy.deepcopy(item))
    try:
        return _in_place(self, table_name, key, *more, **named)
    except JsonRESTError:
        if item is not None:
            _put_in_place(table, first, second, item)
        raise


def _query(self: Table, hash_key: DynamoType | None, *more: Any, hash_key_conditions: Any = None, **named: Any) -> Any:
    """Query among the items of the key only."""
    queried = _of_key.set([(name, value.value) for name, value in hash_key_conditions or []])
    try:
        return _whole_query(self, hash_key, *more, **{**named, "hash_key_conditions": hash_key_conditions})
    finally:
        _of_key.reset(queried)


def _all_items(self: Table) -> list[Any]:
    """Return the items of the queried key, or all, in the order of their keys."""
    stored = list(self.items.values())  # Other threads may write meanwhile.
    items: list[Any] = [item for of_key in stored for item in list(of_key.values())] if self.range_key_attr else stored
    for name, value in _of_key.get():
        items = [item for item in items if (found := item.attrs.get(name)) and found.value == value]
    return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value if item.range_key else ""))


def _sorted_items(self: Table, hash_key_attrs: list[str], range_key_attrs: list[str | None], items: list[Any]) -> list[Any]:
    names = self._generate_attr_to_sort_by(hash_key_attrs, range_key_attrs)
    items.sort(key=lambda item: [item.attrs[name].value for name in names])
    return items


def _put_in_place(table: Table, first: DynamoType, second: DynamoType | None, item: Any) -> None:
    if second is None:
        table.items[first] = item
    else:
        table.items[first][second] = item
