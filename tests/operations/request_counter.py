"""Counts the requests to DynamoDB of a block."""

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib import clients


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the requests that the block asks of DynamoDB, by operation."""
    counts: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        counts[model.name] += 1

    events, own = clients.dynamodb().meta.events, uuid.uuid4().hex
    events.register("before-call.dynamodb", count, unique_id=own)
    try:
        yield counts
    finally:
        events.unregister("before-call.dynamodb", unique_id=own)
