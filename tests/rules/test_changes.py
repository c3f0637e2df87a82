"""What happened between two images."""

from dataclasses import replace

import pytest

from chalicelib.rules.changes import hold_changes, resent
from chalicelib.rules.ledger import Hold
from tests.emails.letters import INVITATION

HELD = Hold(n=2, s="H", v="one", e=100)
AGAIN = HELD._replace(v="two", e=200)
TAKEN = HELD._replace(s="C", e=None, r="r1")


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (None, HELD, ["held"]),
        (None, TAKEN, ["confirmed"]),
        (HELD, TAKEN, ["confirmed"]),
        (HELD, AGAIN, ["held"]),
        (TAKEN, AGAIN, ["held"]),
        (HELD, TAKEN._replace(v="two"), ["confirmed"]),
        (HELD, None, ["gone"]),
        (TAKEN, None, ["gone"]),
        (HELD, HELD, []),
        (TAKEN, TAKEN._replace(n=3), []),
        (HELD._replace(x=2), HELD, []),
        (TAKEN, HELD, []),
    ],
)
def test_what_happened_to_a_hold(before: Hold | None, after: Hold | None, what: list[str]) -> None:
    old, new = ({"a": hold, "b": HELD} if hold else {"b": HELD} for hold in (before, after))
    found = list(hold_changes(old, new))
    assert [change.what for change in found] == what
    assert all(change.id == "a" and change.hold == (after or before) for change in found)


def test_only_the_same_attempt_is_sent_once_more() -> None:
    twice = replace(INVITATION, sends=2)
    assert resent(INVITATION, twice)
    assert not resent(None, twice)
    assert not resent(INVITATION, replace(INVITATION, note="new"))
    assert not resent(INVITATION, replace(twice, nonce="another")), "it is sent when its spots are held"
