"""The minimum number of participants over HTTP."""

import pytest

from tests.api.bodies import in_days
from tests.api.tenants import Office

MINIMUM = {"participants": 3, "below": "cancel", "hours_before": 48}


def test_it_is_written_as_it_was_read_and_removed(demo: Office) -> None:
    session = demo.session(minimum=MINIMUM)
    read = demo.read(session)["minimum"]
    assert read == {**MINIMUM, "decide_at": read["decide_at"], "outcome": "undecided", "counted": 0}
    assert demo.edit(session, minimum=read).json["minimum"] == read
    assert demo.edit(session, title="Again").json["minimum"] == read
    assert demo.edit(session, minimum=None).json["minimum"] is None
    refused = demo.call("POST", f"/sessions/{session}/go-ahead")
    assert (refused.status, refused.json["code"]) == (409, "no_minimum")


def test_staff_may_decide_before_the_clock_does(demo: Office) -> None:
    session = demo.session(minimum=MINIMUM)
    for _ in range(2):
        decided = demo.call("POST", f"/sessions/{session}/go-ahead")
        assert (decided.status, decided.json["minimum"]["outcome"]) == (200, "goes_ahead")
    again = demo.edit(session, minimum={**MINIMUM, "participants": 2})
    assert again.json["minimum"]["outcome"] == "undecided", "new terms are decided anew"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"participants": 3}, "decide_at_or_hours_before"),
        ({"participants": 0, "hours_before": 2}, "greater_than_equal"),
        ({"participants": 6, "hours_before": 2}, "minimum_above_spots"),
        ({"participants": 3, "hours_before": 2000}, "decision_past"),
        ({"participants": 3, "decide_at": in_days(11)}, "decision_too_late"),
    ],
)
def test_what_does_not_fit_is_refused(demo: Office, wrong: dict[str, object], code: str) -> None:
    refused = demo.edit(demo.session(), minimum=wrong)
    assert refused.status == 422
    assert code in {refused.json["code"], *(fault["code"] for fault in refused.json.get("errors", ()))}
