"""The second way to deploy: Chalice's template with everything merged in that it leaves out."""

from typing import Any

import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder
from chalice.deploy.deployer import BuildStage, InjectDefaults, PolicyGenerator, SwaggerBuilder
from chalice.deploy.swagger import TemplatedSwaggerGenerator
from chalice.package import SAMTemplateGenerator, TemplateDeepMerger
from chalice.policy import AppPolicyGenerator
from chalice.utils import OSUtils

from infra.deployment import mappings, merge_template, policies, stage_config
from infra.deployment.stage import HANDLERS, PROJECT
from tests.infra.deployment.conftest import OUTPUTS, STAGE

FUNCTION, ROLE = "AWS::Serverless::Function", "AWS::IAM::Role"


@pytest.fixture
def packaged(stack: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The resources that `chalice package` writes for the stage, without building the package."""
    factory = CLIFactory(str(PROJECT), environ={})
    config = factory.create_config_obj(STAGE.name)
    config._config_from_disk["stages"][STAGE.name] = {"environment_variables": stage_config.configured(STAGE)}
    built = DependencyBuilder().build_dependencies(ApplicationGraphBuilder().build(config, STAGE.name))
    steps = [InjectDefaults(), PolicyGenerator(AppPolicyGenerator(OSUtils()), OSUtils()), SwaggerBuilder(TemplatedSwaggerGenerator())]
    BuildStage(steps).execute(config, built)
    for resource in built:
        if hasattr(resource, "deployment_package"):
            resource.deployment_package.filename = "deployment.zip"
    template = SAMTemplateGenerator(config, factory.create_package_options()).generate(built)
    merged = TemplateDeepMerger().merge(merge_template.complete(STAGE, OUTPUTS), template)
    resources: dict[str, Any] = merged["Resources"]
    return resources


def properties(packaged: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in packaged.values() if resource.get("Type") == kind]


def test_functions_and_roles_have_the_names_that_alarms_and_commands_know(packaged: dict[str, Any]) -> None:
    assert {one["FunctionName"] for one in properties(packaged, FUNCTION)} == {*STAGE.functions.values()}
    assert {one["RoleName"] for one in properties(packaged, ROLE)} == {STAGE.role(handler) for handler in HANDLERS}
    assert [name for name, resource in packaged.items() if "Type" not in resource] == [], "every addition meets a resource of Chalice"


def test_roles_have_the_policies_of_the_stage(packaged: dict[str, Any]) -> None:
    wanted = policies.rendered(policies.scope(STAGE, OUTPUTS))
    for handler in HANDLERS:
        (role,) = (one for one in properties(packaged, ROLE) if one["RoleName"] == STAGE.role(handler))
        assert role["Policies"] == [{"PolicyName": STAGE.role(handler), "PolicyDocument": wanted[handler]}]


def test_sources_have_partial_failures_filters_and_the_failure_queue(packaged: dict[str, Any]) -> None:
    named = {one["FunctionName"]: one for one in properties(packaged, FUNCTION)}
    for source in mappings.wanted(STAGE, OUTPUTS):
        (event,) = named[source.function]["Events"].values()
        assert event["Type"] in {"DynamoDB", "SQS"}
        given = event["Properties"]
        assert given["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert given["Stream" if source.is_stream else "Queue"] == source.arn
        assert given["BatchSize"] == source.settings["BatchSize"]
        if source.is_stream:
            assert given["DestinationConfig"]["OnFailure"] == {"Type": "SQS", "Destination": OUTPUTS["FailedRecordsQueueArn"]}
            assert given["FilterCriteria"] == source.settings["FilterCriteria"]


def test_failed_events_the_log_throttles_and_answers_of_api_gateway(packaged: dict[str, Any]) -> None:
    (deliveries,) = (one for one in properties(packaged, FUNCTION) if one["FunctionName"] == STAGE.function("on_deliveries"))
    assert deliveries["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"] == OUTPUTS["FailedRecordsQueueArn"]
    api = packaged["RestAPI"]["Properties"]
    assert api["AccessLogSetting"]["DestinationArn"].endswith(":log-group:/aws/apigateway/rollbook-test")
    assert {one["ResourcePath"] for one in api["MethodSettings"]} >= {"/v1/auth/sign-in"}
    assert api["DefinitionBody"]["x-amazon-apigateway-gateway-responses"]["INTEGRATION_FAILURE"]["statusCode"] == "503"
    assert api["DefinitionBody"]["paths"]["/v1/health"]
