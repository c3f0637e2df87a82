"""Hooks and fixtures of every test. No AWS here: tests of pure code import neither boto3 nor moto. See tests/aws.py."""

import gc
import sys
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.environment import ENVIRONMENT, forget
from tests.live.ledger import race_report
from tests.tokens import SigningKey

pytest_plugins = ["tests.aws"]
_reported: list[race_report.Row | str] = []
settings.register_profile("any machine", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
"""A property is tried with the same examples in each run, and holds on a busy machine too: one that takes long is no failure.

`--hypothesis-profile=default` tries others."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Return the suite's own scheduler; only runs with several processes import it."""
    from tests.xdist_scheduler import Sharing

    return Sharing(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect the tests without looking for garbage: there is none, and the search takes half of the time. Later it is rare."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.set_threshold(100_000, 50, 50)
        gc.enable()


def pytest_collection_finish() -> None:
    """Check the AWS calls of all functions against their policies, if any test has imported a client.

    What has been imported stays: the garbage collector need not look through it again for each test.
    """
    gc.collect()
    gc.freeze()
    if "botocore.client" in sys.modules:
        from tests import permissions

        permissions.enforce()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":
        _reported.extend(value for name, value in report.user_properties if name == race_report.PROPERTY)  # type: ignore[misc]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _reported:
        terminalreporter.section("spots: what was raced, and what went wrong")
        for line in race_report.lines(_reported):
            terminalreporter.write_line(line)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the test environment, and create settings and clients anew for each test. The machine's own AWS configuration is not read."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    forget()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sign_key() -> SigningKey:
    """The key that signs access tokens in tests."""
    return SigningKey()


@pytest.fixture
def token_for(sign_key: SigningKey, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return `token_for(user)`, which returns an access token that the application accepts, without a user pool."""
    from chalicelib.web import jwks

    monkeypatch.setattr(jwks, "fetch", lambda _address: sign_key.published())
    return sign_key.token


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every text is marked, and dates have Cyrillic names."""
    from tests import pseudo_language

    with pseudo_language.spoken(monkeypatch):
        yield
