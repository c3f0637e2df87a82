from collections.abc import Iterator

import pytest

from chalicelib.rules import ledger as rules
from chalicelib.rules import resizing
from chalicelib.tables import ledger
from tests.live.ledger import tally


@pytest.fixture(autouse=True)
def _no_memory_of_other_tests() -> None:
    ledger.gate._full.clear()


@pytest.fixture(autouse=True)
def _numbers_in_the_report(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    request.node.user_properties += [(tally.PROPERTY, told) for told in tally.told()]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let chunks have three spots, so that a handful of people is spread over several."""
    for module in (rules, resizing):
        monkeypatch.setattr(module, "CHUNK_SIZE", 3)
    return 3
