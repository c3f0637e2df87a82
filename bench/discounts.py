"""P12: one discount code in a rush, without and with a limit, in virtual time under DynamoDB's rule for transactions."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from unittest.mock import patch

from bench.figures import Figure, at_most
from bench.virtual_time import rush
from bench.world import ORG, now, session
from chalicelib.operations import discounts, registrations
from chalicelib.rules.inputs.discounts import DiscountInput
from chalicelib.rules.inputs.registrations import RegistrationInput
from chalicelib.rules.refusals import Refusal
from chalicelib.tables import retries

BOOKINGS, SECONDS, LIMIT = 500, 0.5, 400
DEADLINE_SECONDS = retries.DEADLINE_SECONDS / 4
"""2,000 bookings in two seconds, to a quarter: as many a second, and a deadline as much earlier. The whole of it takes minutes."""


def figures() -> Iterator[Figure]:
    for most in (None, LIMIT):
        which = f"with a limit of {most}" if most else "without a limit"
        code = _code(most)
        ends = book_at_once(session(BOOKINGS), code, BOOKINGS, SECONDS)
        used = discounts.read_discount(ORG, code).used
        what = f"one discount code {which}, {BOOKINGS} bookings in {SECONDS:g} s"
        yield at_most("P12", f"{what}: refused as busy", 100 * ends["busy"] / BOOKINGS, 1, "%")
        yield at_most("P12", f"{what}: uses without a booking, or beyond the limit", _wrong(used, ends, most), 0, "uses")
        yield Figure("P12", f"{what}: conflicts", ends["conflicts"], "conflicts")


def book_at_once(session_id: str, code: str, bookings: int, seconds: float) -> Counter[str]:
    """Let as many families book with the code within the seconds. Return how they were answered, and the number of conflicts.

    Their requests come at moments of the virtual time. By real time those of the first minutes would be taken for left behind, and each
    booking that is refused would settle fifty of them.
    """
    ends: Counter[str] = Counter()
    chance = random.Random(12)
    starts = sorted(chance.uniform(0, seconds) for _ in range(bookings))

    began = now()

    def book(number: int) -> None:
        try:
            _booked(session_id, code, number, at=began + timedelta(seconds=clock.monotonic()))
        except Refusal as refusal:
            ends[refusal.code] += 1
        else:
            ends["booked"] += 1

    with patch.object(retries, "DEADLINE_SECONDS", DEADLINE_SECONDS), rush() as (clock, conflicts):
        clock.run(starts, book)
    ends["conflicts"] = conflicts.counts["conflicts"]
    return ends


def _booked(session_id: str, code: str, number: int, *, at: datetime) -> None:
    form = {"email": f"{uuid.uuid4().hex}@example.org", "name": "A Parent", "participants": [{"name": f"Child {number}"}]}
    draft = RegistrationInput.model_validate({**form, "discount_code": code})
    registrations.register(ORG, session_id, draft, locale="en", key=uuid.uuid4().hex, now=at)


def _code(most: int | None) -> str:
    draft = DiscountInput(code=uuid.uuid4().hex[:12], kind="percent", value=20, max_uses=most)
    return discounts.create_discount(ORG, draft, key=uuid.uuid4().hex, now=now()).code


def _wrong(used: int, ends: Counter[str], most: int | None) -> int:
    beyond = max(0, used - most) if most else 0
    return abs(used - ends["booked"]) + beyond
