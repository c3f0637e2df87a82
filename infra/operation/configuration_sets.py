"""Configuration sets of SES: a copy of the stage's for an organisation, so that AWS counts its bounces and complaints apart.

Its sending can be paused alone then. SES takes one such request a second, and an account has a limit of sets; an organisation without a
set of its own sends by the stage's.
"""

import time
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import clients
from chalicelib.config import config
from chalicelib.operations import organisations
from infra.deployment.stage import DeployingError

OF_ORGANISATION = "_"
"""Between the name of the stage's set and the organisation. No stage has it in its name, so no other stage's sets begin alike."""
PAGE = 1000
LONGEST = 64
"""Characters of a set's name, in SES."""
SECONDS = 1.1
"""Between two requests."""
TRIES = 5
COPIED = ("DeliveryOptions", "ReputationOptions", "SendingOptions", "SuppressionOptions")
FULL, THERE, GONE, THROTTLED = "LimitExceededException", "AlreadyExistsException", "NotFoundException", "TooManyRequestsException"


class NoMoreSetsError(DeployingError):
    """The account has as many configuration sets as AWS allows. The text says what that means."""


def name_of(org: str) -> str:
    """Return the name of an organisation's set, empty when SES could not take it: too long, or on the local stack, which has none."""
    stage = config().configuration_set
    name = f"{stage}{OF_ORGANISATION}{org}"
    return name if stage and len(name) <= LONGEST else ""


def give_set(org: str) -> str:
    """Make the organisation's set, send by it from now on, and return its name; empty where it has none. It may be repeated.

    The set with its events comes first, the organisation's row last. Raises NotFound, NoMoreSetsError, and ClientError of SES.
    """
    name = name_of(org)
    if name:
        _copy(config().configuration_set, name)
        organisations.set_configuration_set(org, name)
    return name


def existing(stage: str) -> list[str]:
    """Return the names of the organisations' sets beside the stage's, by its name; none on the local stack, which has none."""
    found: list[str] = []
    page: dict[str, Any] = {"NextToken": ""} if stage else {}
    while "NextToken" in page:
        more = {"NextToken": page["NextToken"]} if page["NextToken"] else {}
        page = _ask("list_configuration_sets", PageSize=PAGE, **more)
        found += [name for name in page.get("ConfigurationSets", []) if name.startswith(stage + OF_ORGANISATION)]
    return found


def delete_set(name: str) -> None:
    """Delete a set. It may be repeated."""
    _ask("delete_configuration_set", unless=GONE, ConfigurationSetName=name)


def _copy(stage: str, name: str) -> None:
    found = _ask("get_configuration_set", ConfigurationSetName=stage)
    options = {option: found[option] for option in COPIED if option in found}
    options.get("ReputationOptions", {}).pop("LastFreshStart", None)
    _ask("create_configuration_set", unless=THERE, ConfigurationSetName=name, **options)
    for of_stage in _ask("get_configuration_set_event_destinations", ConfigurationSetName=stage)["EventDestinations"]:
        what = {"ConfigurationSetName": name, "EventDestinationName": of_stage["Name"]}
        destination = {part: value for part, value in of_stage.items() if part != "Name"}
        _ask("create_configuration_set_event_destination", unless=THERE, **what, EventDestination=destination)


def _ask(operation: str, *, unless: str = "", **parameters: Any) -> dict[str, Any]:
    """Ask SES, at its pace. An error with the code `unless` means that the request was done before."""
    for left in reversed(range(TRIES)):
        time.sleep(SECONDS)
        try:
            return dict(getattr(clients.ses(), operation)(**parameters))
        except ClientError as fault:
            code = fault.response["Error"]["Code"]
            if code == unless:
                return {}
            if code == FULL:
                raise NoMoreSetsError("The account has as many configuration sets as AWS allows. E-mails leave by the stage's.") from fault
            if code != THROTTLED or not left:
                raise
    raise AssertionError("the last try returns or raises")
