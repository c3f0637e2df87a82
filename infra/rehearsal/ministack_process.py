"""MiniStack with the changes that a rehearsal needs; aws.py runs it in a separate process. Each change replaces a function, so the version
is pinned, and tests/live/deployed and tests/infra/rehearsal test each of these:
API Gateway takes Chalice's Swagger · tables can be restored where a template says so · alarms may watch sums · it is reached as AWS is ·
stream mappings heed their settings · functions are active at once, have nothing but their own package and boto3, and only a few of each
run at a time · what finds no room is refused, repeated or waits · conditions on leading keys are evaluated · who sends is looked at by
identity · SES is as strict as AWS's, e-mails go to the mailbox, and its events come back · tokens name an issuer in reach · the second
factor is strict · stacks and domains are as strict as AWS's.
"""

import json
import os
import re
import time
from typing import Any

from ministack import app as ministack
from ministack.core import iam_actions
from ministack.services import apigateway_v1 as api_gateway
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from infra.local import second_factor
from infra.local.ministack_process import end_sessions_at_once, name_a_reachable_issuer
from infra.rehearsal import concurrency, strict_ses, strict_stacks
from infra.rehearsal.functions import apply_stream_mapping_settings, start_functions_quickly
from infra.rehearsal.leading_keys import leading_keys

HOUR = 60 * 60


def main() -> None:
    endpoint = f"http://{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"
    name_a_reachable_issuer(endpoint)
    end_sessions_at_once()
    second_factor.be_strict()
    take_swagger()
    protect_tables()
    strict_stacks.be_strict()
    take_alarms_on_sums()
    answer_as_if_at_aws()
    apply_conditions_on_leading_keys()
    strict_ses.be_strict()
    start_functions_quickly(endpoint)
    apply_stream_mapping_settings()
    concurrency.be_strict()
    ministack.main()


def take_swagger() -> None:
    """Import and replace APIs, as Chalice needs both; MiniStack creates an empty API."""
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
    import_operation = api_gateway._import_operation

    def with_mocks(id: str, resource: str, method: str, operation: dict[str, Any], *security: Any) -> None:
        import_operation(id, resource, method, operation, *security)
        _import_mock(id, resource, method, operation["x-amazon-apigateway-integration"])

    api_gateway._import_operation = with_mocks


def _import_mock(id: str, resource: str, method: str, integration: dict[str, Any]) -> None:
    """Take what API Gateway answers itself, to preflights: MiniStack imports the kind of an integration only."""
    made = api_gateway._resources[id][resource]["resourceMethods"][method]["methodIntegration"]
    made["requestTemplates"] = integration.get("requestTemplates", {})
    for response in integration["responses"].values():
        api_gateway._put_integration_response(id, resource, method, response["statusCode"], response)


def _put_in_place(id: str, swagger: dict[str, Any]) -> None:
    """Replace all of an API, with the gateway responses that its Swagger does not have."""
    api_gateway._gateway_responses[id] = {}
    resources = api_gateway._resources[id]
    for gone in [name for name, resource in resources.items() if resource["path"] != "/"]:
        del resources[gone]
    for path, operations in swagger["paths"].items():
        api_gateway._import_path_item(id, path, operations)


def protect_tables() -> None:
    """Make a table restorable if its template says so: to any moment of the last hour, but always with its current content."""
    describe = dynamodb._describe_continuous_backups

    def an_hour(parameters: Any) -> Any:
        status, headers, body = describe(parameters)
        response = json.loads(body)
        reach = response.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
        reach |= {"EarliestRestorableDateTime": int(time.time()) - HOUR} if "EarliestRestorableDateTime" in reach else {}
        return status, headers, json.dumps(response).encode()

    dynamodb._describe_continuous_backups = an_hour
    handlers = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::Table"]
    create = handlers["create"]

    def protected(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        name, attributes = create(logical_id, properties, stack)
        dynamodb._pitr_settings[name] = properties.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled", False)
        if forgets := properties.get("TimeToLiveSpecification"):
            dynamodb._ttl_settings[name] = {"TimeToLiveStatus": "ENABLED", "AttributeName": forgets["AttributeName"]}
        return name, attributes

    handlers["create"] = protected


def take_alarms_on_sums() -> None:
    """Treat an alarm on the sum of several metrics as one on the first of them: the rehearsal does not raise alarms."""
    record = provisioners._cw_metric_alarm_record

    def on_the_first(name: str, properties: dict[str, Any]) -> Any:
        stats = [metric["MetricStat"] for metric in properties.get("Metrics", []) if "MetricStat" in metric]
        first = {**stats[0]["Metric"], "Period": stats[0]["Period"], "Statistic": stats[0]["Stat"]} if stats else {}
        return record(name, {**properties, "Metrics": None, **first})

    provisioners._cw_metric_alarm_record = on_the_first


def answer_as_if_at_aws() -> None:
    """Take a request for the host `api.execute-api.region.amazonaws.com`, wherever it was sent, for what it is, and loopback for TLS."""
    ministack._EXECUTE_API_RE = re.compile(r"^([a-f0-9]{8})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::\d+)?$")
    pin_origin = ministack.pin_request_origin
    ministack.pin_request_origin = lambda address, _over_tls: pin_origin(address, True)


def apply_conditions_on_leading_keys() -> None:
    """Tell the evaluation of policies which partition keys a request to DynamoDB names."""
    others = iam_actions.dynamodb_service_context

    def with_leading_keys(body: bytes) -> Any:
        keys = leading_keys(json.loads(body or b"{}"))
        return others(body) | ({"dynamodb:LeadingKeys": keys} if keys else {})

    iam_actions.dynamodb_service_context = with_leading_keys


if __name__ == "__main__":
    main()
