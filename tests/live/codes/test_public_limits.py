"""R18: what the public makes the system send is counted exactly under any race, before it is done."""

import itertools
from collections import Counter
from functools import partial
from threading import Barrier

import pytest

from chalicelib.config import config
from chalicelib.operations import public_limits, waitlist
from chalicelib.rules.inputs.waitlist import JoinInput
from chalicelib.rules.limits import LIMITS, Limit, Limits, TooManyRequests
from chalicelib.rules.refusals import Busy
from chalicelib.tables import conditions, dynamodb, throttle
from tests.live.codes.test_throttle import all_at_once
from tests.live.ledger import race_report
from tests.live.ledger.fault_injection import Control, Patch, check_noticed, dropped
from tests.live.ledger.scenario import NOW, ORG, fresh
from tests.live.waitlist.scenario import full_session, listed

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("stage")]
THREADS = 64


def counted(action: str, source: str, email: str) -> str:
    try:
        public_limits.count(action, ORG, email, source=source, now=NOW)  # type: ignore[arg-type]
    except TooManyRequests:
        return "refused"
    return "counted"


def test_sixty_four_sign_ups_of_one_client_at_once() -> None:
    source = fresh("client")
    outcomes = all_at_once([partial(counted, "sign_up", source, f"{fresh('v')}@{fresh('d')}.org") for _ in range(THREADS)])
    assert outcomes == {"counted": 35, "refused": THREADS - 35}
    race_report.say(f"R18: {THREADS} sign-ups of one client at once: {dict(outcomes)}")


def test_sixty_four_registrations_of_one_mailbox_at_once() -> None:
    email = f"{fresh('v')}@example.org"
    outcomes = all_at_once([partial(counted, "registration", fresh("client"), email) for _ in range(THREADS)])
    assert outcomes == {"counted": 30, "refused": THREADS - 30}
    race_report.say(f"R18: {THREADS} registrations of one mailbox at once: {dict(outcomes)}")


def test_sixty_four_requests_for_one_domain_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        LIMITS, "waitlist", Limits(Limit(1000, LIMITS["waitlist"].client.within), None, Limit(40, NOW - NOW.replace(hour=0)))
    )
    domain = f"{fresh('d')}.org"
    outcomes = all_at_once([partial(counted, "waitlist", fresh("client"), f"{fresh('v')}@{domain}") for _ in range(THREADS)])
    assert outcomes == {"counted": 40, "refused": THREADS - 40}
    race_report.say(f"R18: {THREADS} requests for a domain with a limit of 40 at once: {dict(outcomes)}")


def test_concurrent_joins_write_no_more_entries_than_are_counted() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LIMITS, "waitlist", Limits(Limit(20, LIMITS["waitlist"].client.within), None, None))
        joins_at_once()


def joins_at_once() -> None:
    session, source = full_session(1), fresh("client")

    def joined() -> str:
        email = f"{fresh('v')}@example.org"
        for _ in range(5):
            try:
                waitlist.join(ORG, session, JoinInput(email=email, name="V"), locale="en", key=email, source=source, now=NOW)
            except TooManyRequests:
                return "refused"
            except Busy:
                continue
            return "joined"
        return "busy"

    outcomes = all_at_once([joined] * THREADS)
    assert outcomes == Counter(joined=20, refused=THREADS - 20)
    assert len(listed(session)) == 20
    race_report.say(f"R18: {THREADS} joins of one client with a limit of 20 at once: {dict(outcomes)}")


def read_then_written(patch: Patch) -> None:
    """The count is read and compared before it is written, without a condition. All have read it when the first one writes."""
    all_have_read, numbers = Barrier(THREADS), itertools.count()

    def count(key: object, most: int, moment: int, ends: int, by: int) -> bool:
        old = throttle.find(key)  # type: ignore[arg-type]
        if next(numbers) < THREADS:
            all_have_read.wait(timeout=60)
        if old and int(old["tries"]["N"]) > most - by:
            return False
        dynamodb.update(config().memory_table, key, conditions.Update().add(tries=by).default(forget_at=ends), conditions.ALWAYS)  # type: ignore[arg-type]
        return True

    patch.setattr(throttle, "_add", count)


def not_counted(patch: Patch) -> None:
    patch.setattr(public_limits, "_count", lambda *_: None)


CONTROLS = {
    "the count is read and then written": Control(read_then_written, test_sixty_four_sign_ups_of_one_client_at_once),
    "places are counted without a condition": Control(
        dropped(throttle, "new_or_fewer"), test_concurrent_joins_write_no_more_entries_than_are_counted
    ),
    "nothing is counted": Control(not_counted, test_sixty_four_registrations_of_one_mailbox_at_once),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_the_named_test_fails_without_the_precaution(name: str) -> None:
    check_noticed(name, CONTROLS[name])
