"""SES as strict as at AWS, where MiniStack is kinder; what it takes goes to the mailbox.

An e-mail leaves from a verified identity alone, and by a configuration set that exists and may send. Sets have names of letters, digits,
hyphens and underscores, there are only so many of them, and SES takes one request about them a second. An event is published only if the
set of its e-mail has a destination for it, which must exist when it is named.
Sources: Amazon SES API version 2, SendEmail and CreateConfigurationSet; Amazon SES developer guide, “Service quotas” and “Troubleshooting”.
"""

import asyncio
import json
import os
import re
import time
from email.utils import parseaddr
from http.client import HTTPConnection
from typing import Any
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.services import eventbridge, sns
from ministack.services import ses_v2 as ses
from ministack.services.cloudformation import provisioners

from infra.rehearsal.new_account import is_verified, look, may_receive

OUTBOUND, SETS = "/v2/email/outbound-emails", "/v2/email/configuration-sets"
MOST_SETS = int(os.environ["MOST_CONFIGURATION_SETS"])
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
PAUSE = float(os.environ["PAUSE_OF_CONFIGURATION_SETS"])
DESTINATION = "AWS::SES::ConfigurationSetEventDestination"

Response = tuple[int, dict[str, str], bytes]


def be_strict() -> None:
    """Replace the parts of MiniStack that take what SES refuses, and hand what it takes to the mailbox."""
    _check_requests()
    _check_templates()
    _publish_by_destinations()
    _name_identities_in_policies()


def _check_requests() -> None:
    others = ses.handle_request
    last = [0.0]

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        look()
        if (method, path) == ("POST", OUTBOUND):
            request = json.loads(body)
            return _fault_of_mail(request) or await asyncio.to_thread(_post, body)
        if path.startswith(SETS):
            since, last[0] = time.monotonic() - last[0], time.monotonic()
            if since < PAUSE:
                return ses._json_err("TooManyRequestsException", "Rate exceeded", 429)
            if fault := _fault_of_set(method, path.removeprefix(SETS).strip("/").split("/"), json.loads(body or b"{}")):
                return fault
        return await others(method, path, headers, body, query)

    ses.handle_request = handle_request


def _fault_of_mail(request: dict[str, Any]) -> Response | None:
    sender, name = parseaddr(request["FromEmailAddress"])[1], request.get("ConfigurationSetName")
    recipients = [parseaddr(address)[1] for addresses in request.get("Destination", {}).values() for address in addresses]
    unverified = [*([] if is_verified(sender) else [sender]), *(address for address in recipients if not may_receive(address))]
    if unverified:
        region = os.environ["MINISTACK_REGION"].upper()
        text = f"Email address is not verified. The following identities failed the check in region {region}: {', '.join(unverified)}"
        return _fault("MessageRejected", text)
    if name and name not in ses._config_sets:
        return _fault("NotFoundException", f"Configuration set <{name}> does not exist.", 404)
    if name and not ses._config_sets[name].get("SendingOptions", {}).get("SendingEnabled", True):
        return _fault("SendingPausedException", f"Email sending is disabled for the configuration set <{name}>.")
    return None


def _fault_of_set(method: str, parts: list[str], request: dict[str, Any]) -> Response | None:
    match method, parts:
        case "POST", [""]:
            return _fault_of_name(request.get("ConfigurationSetName", "")) or _fault_of_number()
        case "DELETE", [name] if unquote(name) not in ses._config_sets:
            return _fault("NotFoundException", f"Configuration set <{unquote(name)}> does not exist.", 404)
        case "POST", [_, "event-destinations"]:
            return _fault_of_name(request.get("EventDestinationName", "")) or _fault_of_destination(request.get("EventDestination") or {})
        case "PUT", [_, "event-destinations", _]:
            return _fault_of_destination(request.get("EventDestination") or {})
    return None


def _fault_of_name(name: str) -> Response | None:
    return (
        None if NAME.fullmatch(name) else _fault("BadRequestException", f"Invalid name <{name}>: use up to 64 of a-z, A-Z, 0-9, _ and -.")
    )


def _fault_of_number() -> Response | None:
    if len(ses._config_sets) < MOST_SETS:
        return None
    return _fault("LimitExceededException", f"This account has {MOST_SETS} configuration sets, which is the limit.")


def _fault_of_destination(destination: dict[str, Any]) -> Response | None:
    missing = _missing(destination)
    return _fault("BadRequestException", f"{missing} does not exist.") if missing else None


def _missing(destination: dict[str, Any]) -> str:
    """Return the ARN of a bus or topic that is not there; SES knows the default bus of its own account and region only."""
    bus = destination.get("EventBridgeDestination", {}).get("EventBusArn")
    topic = destination.get("SnsDestination", {}).get("TopicArn")
    default = f"arn:aws:events:{os.environ['MINISTACK_REGION']}:{os.environ['MINISTACK_ACCOUNT_ID']}:event-bus/default"
    return str(bus) if bus and bus != default else str(topic) if topic and topic not in sns._topics else ""


def _fault(code: str, text: str, status: int = 400) -> Response:
    return ses._json_err(code, text, status)  # type: ignore[no-any-return]


def _post(body: bytes) -> Response:
    mailbox = HTTPConnection(os.environ["MAILBOX"].removeprefix("http://"), timeout=10)
    mailbox.request("POST", OUTBOUND, body)
    response = mailbox.getresponse()
    return response.status, dict(response.getheaders()), response.read()


def _check_templates() -> None:
    """Fail a stack over what a request would be refused for."""
    destinations = provisioners._RESOURCE_HANDLERS[DESTINATION]
    create = destinations["create"]

    def checked(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        if properties["ConfigurationSetName"] not in ses._config_sets:
            raise ValueError(f"Configuration set <{properties['ConfigurationSetName']}> does not exist.")
        if missing := _missing(properties["EventDestination"]):
            raise ValueError(f"{missing} does not exist.")
        return create(logical_id, properties, stack)

    destinations["create"] = checked


def _publish_by_destinations() -> None:
    """Keep an event of SES from the bus unless the set of its e-mail has a destination for it."""
    dispatch = eventbridge._dispatch_event

    def if_published(event: dict[str, Any], *view: Any) -> None:
        if event["Source"] != "aws.ses" or _is_published(json.loads(event["Detail"])):
            dispatch(event, *view)

    eventbridge._dispatch_event = if_published
    eventbridge._put_events.__defaults__ = (True,)


def _is_published(about: dict[str, Any]) -> bool:
    kind = str(about["eventType"]).upper()
    (name,) = about["mail"]["tags"].get("configuration-set") or [""]
    destinations = ses._config_sets.get(name, {}).get("EventDestinations") or {}
    return any(
        destination["Enabled"] and kind in destination["MatchingEventTypes"] and "EventBridgeDestination" in destination
        for destination in destinations.values()
    )


def _name_identities_in_policies() -> None:
    """Evaluate SendEmail on the sender's identity."""
    others = iam_actions.extract_resource_arn

    def resource_arn(service: str, method: str, path: str, headers: Any, body: bytes, *more: Any) -> str:
        if (service, method, path) == ("ses", "POST", OUTBOUND):
            *_, region, account = more
            return f"arn:aws:ses:{region}:{account}:identity/{parseaddr(json.loads(body)['FromEmailAddress'])[1]}"
        return str(others(service, method, path, headers, body, *more))

    iam_actions.extract_resource_arn = resource_arn
