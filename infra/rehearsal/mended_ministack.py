"""MiniStack as a rehearsed deployment needs it; run in a process of its own by aws.py.

What it mends, each by replacing a function, so the version is pinned and tests/live/deployed holds every promise:
API Gateway takes Chalice's Swagger · tables can be restored where a template says so · alarms may watch sums · it is reached as AWS is ·
stream mappings heed their settings · functions are active at once, have nothing but their own package and boto3, and only a few of each
run at a time · e-mails go to the mailbox, whose events come back · tokens name an issuer in reach.
"""

import asyncio
import hashlib
import json
import os
import re
import threading
import time
from collections import defaultdict
from functools import partial
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zipfile import BadZipFile, LargeZipFile, ZipFile

from ministack import app as ministack
from ministack.core import lambda_runtime
from ministack.services import apigateway_v1 as api_gateway
from ministack.services import dynamodb, eventbridge, lambda_svc
from ministack.services import ses_v2 as ses
from ministack.services.cloudformation import provisioners

from infra.local.saving_ministack import end_sessions_at_once, name_a_reachable_issuer
from infra.rehearsal.deliveries import deliver

AT_A_TIME = 4
"""As many of one function run at once: each is a process that starts cold, and this is one computer."""
HOUR = 60 * 60
OWN_PACKAGE_ONLY = (
    "import os, sys\nsys.path[:] = [place for place in sys.path if 'site-packages' not in place] + [os.environ['OF_THE_RUNTIME']]\n"
)
OF_THE_RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""What Lambda brings beside a function's own package."""


def main() -> None:
    endpoint = f"http://{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"
    name_a_reachable_issuer(endpoint)
    end_sessions_at_once()
    take_swagger()
    protect_tables()
    take_alarms_on_sums()
    answer_as_if_at_aws()
    bring_mail_to_the_mailbox()
    start_functions_quickly(endpoint)
    heed_the_settings_of_stream_mappings()
    ministack.main()


def take_swagger() -> None:
    """Import an API, and put one in the place of another, as Chalice asks for both; MiniStack makes an empty one."""
    others = api_gateway.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: dict[str, Any]) -> Any:
        match method, path.strip("/").split("/"):
            case "POST", ["restapis"] if "import" in query.get("mode", []):
                swagger = json.loads(body)
                settings = {"binaryMediaTypes": swagger.get("x-amazon-apigateway-binary-media-types", [])}
                id = api_gateway._import_rest_api(swagger, settings)
                return api_gateway._v1_response(api_gateway._rest_api_view(api_gateway._rest_apis[id]), 201)
            case "PUT", ["restapis", id] if id in api_gateway._rest_apis:
                _put_in_place(id, json.loads(body))
                return api_gateway._v1_response(api_gateway._rest_api_view(api_gateway._rest_apis[id]))
        return await others(method, path, headers, body, query)

    api_gateway.handle_request = handle_request


def _put_in_place(id: str, swagger: dict[str, Any]) -> None:
    resources = api_gateway._resources[id]
    for gone in [name for name, resource in resources.items() if resource["path"] != "/"]:
        del resources[gone]
    for path, operations in swagger["paths"].items():
        api_gateway._import_path_item(id, path, operations)


def protect_tables() -> None:
    """Make a table restorable where its template says so: to any moment of the last hour, though what is restored is what there is."""
    describe = dynamodb._describe_continuous_backups

    def an_hour(asked: Any) -> Any:
        status, headers, body = describe(asked)
        answer = json.loads(body)
        reach = answer.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
        reach |= {"EarliestRestorableDateTime": int(time.time()) - HOUR} if "EarliestRestorableDateTime" in reach else {}
        return status, headers, json.dumps(answer).encode()

    dynamodb._describe_continuous_backups = an_hour
    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    create = handlers["create"]

    def protected(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name, attributes = create(logical_id, properties, stack)
        dynamodb._pitr_settings[name] = properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
        return name, attributes

    handlers["create"] = protected


def take_alarms_on_sums() -> None:
    """Take an alarm on the sum of several metrics for one on the first of them: whether it rings is not rehearsed."""
    record = provisioners._cw_metric_alarm_record

    def on_the_first(name: str, properties: dict[str, Any]) -> Any:
        stats = [entry["MetricStat"] for entry in properties.get("Metrics", []) if "MetricStat" in entry]
        first = {**stats[0]["Metric"], "Period": stats[0]["Period"], "Statistic": stats[0]["Stat"]} if stats else {}
        return record(name, {**properties, "Metrics": None, **first})

    provisioners._cw_metric_alarm_record = on_the_first


def answer_as_if_at_aws() -> None:
    """Take a request for the host `api.execute-api.region.amazonaws.com`, wherever it was sent, for what it is, and loopback for TLS."""
    ministack._EXECUTE_API_RE = re.compile(r"^([a-f0-9]{8})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::\d+)?$")
    pin_origin = ministack.pin_request_origin
    ministack.pin_request_origin = lambda address, _over_tls: pin_origin(address, True)


def bring_mail_to_the_mailbox() -> None:
    """Hand every e-mail that may be sent to the mailbox, which keeps all of it, and let SES's events from there onto the event bus."""
    others = ses.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        if (method, path) == ("POST", "/v2/email/outbound-emails"):
            return await asyncio.to_thread(_post, body)
        return await others(method, path, headers, body, query)

    ses.handle_request = handle_request
    eventbridge._put_events.__defaults__ = (True,)


def _post(body: bytes) -> tuple[int, dict[str, str], bytes]:
    mailbox = HTTPConnection(os.environ["MAILBOX"].removeprefix("http://"), timeout=10)
    mailbox.request("POST", "/v2/email/outbound-emails", body)
    answer = mailbox.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def start_functions_quickly(endpoint: str) -> None:
    """Unpack a package once, wait for nothing, and let a function see what it would see in Lambda."""
    lambda_runtime._PYTHON_WORKER_SCRIPT = OWN_PACKAGE_ONLY + lambda_runtime._PYTHON_WORKER_SCRIPT
    os.environ["OF_THE_RUNTIME"] = _runtime(Path(os.environ["STATE_DIR"], "runtime"))
    lambda_runtime.zipfile = SimpleNamespace(ZipFile=UnpackedOnce, BadZipFile=BadZipFile, LargeZipFile=LargeZipFile)
    lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.003, 0.002, 0.25)
    become_active, spawn, execute = lambda_svc._schedule_state_transition, lambda_runtime.Worker._spawn, lambda_svc._execute_function_warm
    places: dict[str, threading.Semaphore] = defaultdict(partial(threading.Semaphore, AT_A_TIME))

    def at_once(name: str, _seconds: float) -> None:
        become_active(name, 0)
        time.sleep(0.005)

    def spawn_with_issuer(worker: Any) -> None:
        pool = worker.config.get("Environment", {}).get("Variables", {}).get("ROLLBOOK_USER_POOL", "")
        os.environ["ROLLBOOK_TOKEN_ISSUER"] = f"{endpoint}/{pool}"
        spawn(worker)

    def execute_when_there_is_a_place(func: dict[str, Any], event: Any, request_id: str) -> Any:
        with places[func["config"]["FunctionName"]]:
            return execute(func, event, request_id)

    lambda_svc._schedule_state_transition = at_once
    lambda_runtime.Worker._spawn = spawn_with_issuer
    lambda_svc._execute_function_warm = execute_when_there_is_a_place


def _runtime(folder: Path) -> str:
    folder.mkdir()
    for name in OF_THE_RUNTIME:
        origin = Path(str(getattr(find_spec(name), "origin", "")))
        found = origin.parent if origin.name == "__init__.py" else origin
        (folder / found.name).symlink_to(found)
    return str(folder)


class UnpackedOnce(ZipFile):
    """A package whose content is the same files for all who run it."""

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        assert self.filename
        content = Path(os.environ["STATE_DIR"]) / "packages" / hashlib.sha256(Path(self.filename).read_bytes()).hexdigest()
        with _unpacking:
            if not content.exists():
                super().extractall(content)
        for entry in content.iterdir():
            (Path(path) / entry.name).symlink_to(entry)


_unpacking = threading.Lock()


def heed_the_settings_of_stream_mappings() -> None:
    """Retry, split and set aside as the mapping of a stream says; MiniStack knows the age of records only."""
    poll, execute = lambda_svc._poll_dynamodb_streams, lambda_svc._execute_function
    polling = threading.local()

    def poll_streams() -> Any:
        polling.now = True
        try:
            return poll()
        finally:
            polling.now = False

    def execute_function(func: dict[str, Any], event: Any) -> Any:
        if not getattr(polling, "now", False):
            return execute(func, event)
        polling.now = False
        try:
            return deliver(_mapping(func, event), event["Records"], partial(_run, execute, func), partial(_set_aside, func))
        finally:
            polling.now = True

    lambda_svc._poll_dynamodb_streams, lambda_svc._execute_function = poll_streams, execute_function


def _mapping(func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    source, name = event["Records"][0]["eventSourceARN"], func["config"]["FunctionName"]
    mappings: list[dict[str, Any]] = [mapping for _, _, mapping in lambda_svc._iter_all_esms()]
    return next(mapping for mapping in mappings if (mapping["EventSourceArn"], mapping["FunctionName"]) == (source, name))


def _run(execute: Any, func: dict[str, Any], records: list[Any]) -> Any:
    return execute(func, {"Records": records})


def _set_aside(func: dict[str, Any], mapping: dict[str, Any], records: list[Any], result: Any) -> None:
    source = mapping["EventSourceArn"]
    lambda_svc._send_ddb_stream_failure_record(mapping, func, records, source, result, "RetryAttemptsExhausted")


if __name__ == "__main__":
    main()
