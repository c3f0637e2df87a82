"""The fate of an e-mail, from events that are reordered and repeated."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.rules.deliveries import PRECEDENCE, Fate, replaceable


@pytest.mark.parametrize(
    ("fate", "replaces"),
    [("delivered", []), ("bounced", ["delivered"]), ("complained", ["delivered", "bounced"])],
)
def test_what_weighs_more_replaces_what_weighs_less(fate: Fate, replaces: list[Fate]) -> None:
    assert replaceable(fate) == replaces


@given(st.lists(st.sampled_from(get_args(Fate)), min_size=1))
def test_the_order_in_which_it_is_heard_does_not_matter(heard: list[Fate]) -> None:
    state: Fate | None = None
    for fate in heard:
        if state is None or state in replaceable(fate):
            state = fate
    assert state == max(heard, key=lambda fate: PRECEDENCE[fate])
