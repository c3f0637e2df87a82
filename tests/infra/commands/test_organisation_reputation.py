"""Each organisation gets a configuration set of SES, where the account allows; without one it sends by the stage's."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import messages, organisations
from chalicelib.operations.messages import pace
from chalicelib.operations.messages import ses as ses_operations
from chalicelib.rules.messages import MailDelayed
from infra.__main__ import main
from infra.operation import configuration_sets
from tests.operations.messages.test_send import reset_queued, state
from tests.operations.simulated_aws import Ses, Time

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STAGE = "rollbook-test"
MODEL: Any = botocore.session.get_session().get_service_model("sesv2")
EVENTS = {
    "Enabled": True,
    "MatchingEventTypes": ["DELIVERY", "BOUNCE"],
    "EventBridgeDestination": {"EventBusArn": "arn:aws:events:eu-central-1:1:event-bus/default"},
}


class StrictSes(Ses):
    """SES with configuration sets: one request a second, a limit of sets, and no e-mail by a set that is not there."""

    def __init__(self, time: Time, most: int = 3) -> None:
        super().__init__()
        self._time, self._most, self._last = time, most, 0.0
        options = {"SendingOptions": {"SendingEnabled": True}, "ReputationOptions": {"ReputationMetricsEnabled": True}}
        self.sets: dict[str, dict[str, Any]] = {STAGE: options}
        self.events: dict[str, list[dict[str, Any]]] = {STAGE: [{"Name": "rollbook", **EVENTS}]}
        self.throttled = 0
        self.missing = "NotFoundException"
        """The code of SES for an e-mail by a set that is not there."""

    def send_email(self, **request: Any) -> dict[str, str]:
        if request["ConfigurationSetName"] not in self.sets:
            raise fault(self.missing, "SendEmail", f"Configuration set <{request['ConfigurationSetName']}> does not exist.")
        return super().send_email(**request)

    def get_configuration_set(self, **parameters: Any) -> dict[str, Any]:
        self._check("GetConfigurationSet", parameters)
        return self.sets[parameters["ConfigurationSetName"]]

    def get_configuration_set_event_destinations(self, **parameters: Any) -> dict[str, Any]:
        self._check("GetConfigurationSetEventDestinations", parameters)
        return {"EventDestinations": self.events[parameters["ConfigurationSetName"]]}

    def list_configuration_sets(self, **parameters: Any) -> dict[str, Any]:
        self._check("ListConfigurationSets", parameters)
        return {"ConfigurationSets": [*self.sets]}

    def create_configuration_set(self, **parameters: Any) -> dict[str, Any]:
        self._check("CreateConfigurationSet", parameters)
        name = parameters.pop("ConfigurationSetName")
        if name in self.sets:
            raise fault("AlreadyExistsException", "CreateConfigurationSet")
        if len(self.sets) >= self._most:
            raise fault("LimitExceededException", "CreateConfigurationSet")
        self.sets[name], self.events[name] = parameters, []
        return {}

    def create_configuration_set_event_destination(self, **parameters: Any) -> dict[str, Any]:
        self._check("CreateConfigurationSetEventDestination", parameters)
        told = self.events[parameters["ConfigurationSetName"]]
        if any(one["Name"] == parameters["EventDestinationName"] for one in told):
            raise fault("AlreadyExistsException", "CreateConfigurationSetEventDestination")
        told.append({"Name": parameters["EventDestinationName"], **parameters["EventDestination"]})
        return {}

    def delete_configuration_set(self, **parameters: Any) -> dict[str, Any]:
        self._check("DeleteConfigurationSet", parameters)
        if parameters["ConfigurationSetName"] not in self.sets:
            raise fault("NotFoundException", "DeleteConfigurationSet")
        del self.sets[parameters["ConfigurationSetName"]], self.events[parameters["ConfigurationSetName"]]
        return {}

    def _check(self, operation: str, parameters: dict[str, Any]) -> None:
        validate_parameters(parameters, MODEL.operation_model(operation).input_shape)
        if self._time.monotonic() - self._last < 1:
            self.throttled += 1
            raise fault("TooManyRequestsException", operation)
        self._last = self._time.monotonic()


def fault(code: str, operation: str, text: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": text or code}}, operation)


@pytest.fixture
def account(staged: None, monkeypatch: pytest.MonkeyPatch) -> StrictSes:
    time = Time()
    made = StrictSes(time)
    monkeypatch.setattr(clients, "ses", cache(lambda: made))
    monkeypatch.setattr(clients, "forget", lambda: None)
    monkeypatch.setattr(pace, "time", time)
    monkeypatch.setattr(configuration_sets, "time", time)
    monkeypatch.setenv("ROLLBOOK_CONFIGURATION_SET", STAGE)
    config.cache_clear()
    ses_operations.max_send_rate.cache_clear()
    return made


def command(*words: str) -> int:
    return main(["organisation", words[0], "--stage", "test", *words[1:]])


def create(org: str) -> int:
    return command("create", "--id", org, "--name", org, "--owner-email", f"ana@{org}.test")


def test_a_new_organisation_has_a_copy_of_the_stages_set(account: StrictSes) -> None:
    assert create("demo") == 0
    assert organisations.read("demo").configuration_set == f"{STAGE}_demo"
    assert account.sets[f"{STAGE}_demo"] == account.sets[STAGE]
    assert account.events[f"{STAGE}_demo"] == account.events[STAGE]
    assert account.throttled == 0
    messages.send("demo", reset_queued(now=NOW), now=NOW)
    assert account.sent[0]["ConfigurationSetName"] == f"{STAGE}_demo"


def test_over_the_limit_of_the_account_organisations_send_by_the_stages_set(account: StrictSes, capsys: pytest.CaptureFixture[str]) -> None:
    assert [create(org) for org in ("first", "second", "demo")] == [0, 0, 0]
    assert "as many configuration sets as AWS allows" in capsys.readouterr().out
    assert organisations.read("demo").configuration_set == ""
    messages.send("demo", reset_queued(now=NOW), now=NOW)
    assert account.sent[0]["ConfigurationSetName"] == STAGE
    assert command("reputation", "--id", "demo") == 1
    assert "as many configuration sets as AWS allows" in capsys.readouterr().err


def test_organisations_that_were_there_get_theirs_by_a_command_that_may_be_interrupted(account: StrictSes) -> None:
    for org in ("demo", "other"):
        organisations.create(org, org, now=NOW)
    made = account.create_configuration_set_event_destination
    account.create_configuration_set_event_destination = lambda **_: interrupt()  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        command("reputation")
    assert organisations.read("demo").configuration_set == "", "no e-mail leaves by a set without events"
    account.create_configuration_set_event_destination = made  # type: ignore[method-assign]
    assert [command("reputation") for _ in range(2)] == [0, 0]
    assert {organisations.read(org).configuration_set for org in ("demo", "other")} == {f"{STAGE}_demo", f"{STAGE}_other"}
    assert {len(events) for events in account.events.values()} == {1}


def test_sets_that_are_gone_are_made_again(account: StrictSes, capsys: pytest.CaptureFixture[str]) -> None:
    create("demo")
    create("other")
    configuration_sets.delete_set(f"{STAGE}_demo")
    assert command("reputation") == 0
    assert f"demo: {STAGE}_demo\n1 of 2 had one." in capsys.readouterr().out
    assert account.events[f"{STAGE}_demo"] == account.events[STAGE]


def interrupt() -> dict[str, Any]:
    raise KeyboardInterrupt


@pytest.mark.parametrize("code", ["NotFoundException", "ConfigurationSetDoesNotExistException", "BadRequestException"])
def test_an_organisation_whose_set_is_gone_sends_by_the_stages(account: StrictSes, code: str) -> None:
    create("demo")
    configuration_sets.delete_set(f"{STAGE}_demo")
    configuration_sets.delete_set(f"{STAGE}_demo")
    account.missing = code
    own = reset_queued(now=NOW)
    messages.send("demo", own, now=NOW)
    assert state(own) == ("sent", "")
    assert account.sent[0]["ConfigurationSetName"] == STAGE


@pytest.mark.parametrize("code", ["NotFoundException", "ConfigurationSetDoesNotExistException", "BadRequestException"])
def test_while_the_stages_set_is_gone_too_e_mails_wait(account: StrictSes, code: str) -> None:
    create("demo")
    kept = account.sets.copy()
    account.sets.clear()
    account.missing = code
    own = reset_queued(now=NOW)
    with pytest.raises(MailDelayed):
        messages.send("demo", own, now=NOW)
    assert state(own) == ("queued", "")
    account.sets |= {STAGE: kept[STAGE]}
    assert messages.send("demo", own, now=NOW + timedelta(minutes=5)) == "sent"
    assert account.sent[0]["ConfigurationSetName"] == STAGE


def test_a_name_that_ses_would_refuse_is_not_asked_for(account: StrictSes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLLBOOK_CONFIGURATION_SET", f"rollbook-{'s' * 21}")
    config.cache_clear()
    assert len(configuration_sets.name_of("o" * 33)) == configuration_sets.LONGEST
    assert configuration_sets.name_of("o" * 34) == ""
