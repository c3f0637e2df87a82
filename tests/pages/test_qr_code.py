"""A quick QR code holds what a slow one holds, with a mask that is as good as the best within a few per cent."""

import re
import secrets
from statistics import mean
from typing import Any

import pytest

from chalicelib.pages.qr_code import EVEN_MASK, quick_qr_code

LINK = "https://rollbook.example.org/check-in/"


@pytest.fixture
def penalties(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The penalties of masks in the order in which they are evaluated."""
    import segno.encoder

    evaluate: Any = segno.encoder.evaluate_mask
    found: list[int] = []

    def evaluated(*arguments: Any) -> int:
        found.append(evaluate(*arguments))
        return found[-1]

    monkeypatch.setattr(segno.encoder, "evaluate_mask", evaluated)
    return found


def test_no_mask_is_evaluated_for_a_quick_one(penalties: list[int]) -> None:
    drawn = quick_qr_code(LINK + secrets.token_urlsafe(40))
    assert re.match(r"<svg .*class=\"qr\"", drawn)
    assert penalties == []


def test_its_mask_is_nearly_the_best_for_random_links(penalties: list[int]) -> None:
    import segno

    for _ in range(20):
        segno.make(LINK + secrets.token_urlsafe(40), error="m", micro=False)
    links = [penalties[first : first + 8] for first in range(0, len(penalties), 8)]
    assert mean(link[EVEN_MASK] / min(link) for link in links) < 1.1
