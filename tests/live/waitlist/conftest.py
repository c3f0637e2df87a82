"""The stream that the waitlist follows."""

import pytest

READERS = {"test_advance", "test_controls", "test_model"}
"""The modules whose tests read it. In others it would only slow down each write."""


@pytest.fixture(scope="module")
def streamed(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return ("rosters",) if request.module.__name__.rpartition(".")[2] in READERS else ()
