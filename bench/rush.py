"""P2: a rush for the spots of one session, compared in each round with bare conditional updates of items of the same shape."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from bench.counting import counting
from bench.figures import Figure, at_least, at_most
from bench.world import ORG, now, session
from chalicelib import clients
from chalicelib.config import config
from chalicelib.rules.ledger import Hold, SessionFull, count
from chalicelib.rules.waitlist import Queue
from chalicelib.tables import keys, ledger
from chalicelib.tables.ledger.chunks import hold_item, preferred

QUEUE = Queue(strict=True, until=now())
CLIENTS = 64
REQUESTS = 5000
ROUNDS = {30: 1, 2000: 3}
"""By spots. Of 30, those who lose are refused from memory: the ratio lies far above its goal."""


def figures() -> Iterator[Figure]:
    for spots, rounds in ROUNDS.items():
        ratios, units, oversold = [], 0, 0
        for _ in range(rounds):
            bare = _rate(_bare(session(spots), spots))
            session_id = session(spots)
            with counting() as counted:
                ours = _rate(_claims(session_id, spots))
            units = counted.write_units
            taken = count(ledger.read(ORG, session_id), now()).taken
            oversold += max(0, taken - spots)
            ratios.append(ours / bare)
        yield at_least(
            "P2", f"rush: {REQUESTS} requests, {CLIENTS} clients, {spots} spots: our rate to the bare update's", median(ratios), 0.8, "×"
        )
        yield at_most("P2", f"rush for {spots} spots: oversold", oversold, 0, "spots")
        if spots == 2000:
            yield at_most("P2", "write units for 2,000 spots", units, 4000, "WCU")


def _rate(request: Callable[[int], object]) -> float:
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(request, range(REQUESTS)))
    return REQUESTS / (time.perf_counter() - began)


def _claims(session_id: str, spots: int) -> Callable[[int], object]:
    chunks = -(-spots // 50)

    def claim(_: int) -> bool:
        id = uuid.uuid4().hex[:10]
        try:
            ledger.claim_publicly(ORG, session_id, id, Hold(spots=1, state="taken", nonce="bench"), chunks=chunks, queue=QUEUE, now=now())
        except SessionFull:
            return False
        return True

    return claim


def _bare(session_id: str, spots: int) -> Callable[[int], object]:
    chunks = -(-spots // 50)
    client = clients.dynamodb()

    def update(_: int) -> bool:
        id = uuid.uuid4().hex[:10]
        try:
            client.update_item(
                TableName=config().rosters_table,
                Key=keys.chunk(ORG, session_id, preferred(id, chunks)).stored(),
                UpdateExpression="SET #spots = #spots - :n, h.#id = :hold",
                ConditionExpression="#spots >= :n",
                ExpressionAttributeNames={"#spots": "spots", "#id": id},
                ExpressionAttributeValues={":n": {"N": "1"}, ":hold": hold_item(Hold(spots=1, state="taken", nonce="bench"))},
            )
        except client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    return update
