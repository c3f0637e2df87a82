"""The stream that the waitlist follows."""

import pytest


@pytest.fixture(scope="package")
def streamed() -> tuple[str, ...]:
    return ("rosters",)
