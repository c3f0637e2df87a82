"""CloudFormation and API Gateway as strict as at AWS, where MiniStack is kinder, and no stricter.

A change set leaves out what a condition excludes; a name that is taken fails a stack, but not that of a bucket which the update imports;
a secret is imported by its ARN alone; a domain needs a certificate that was issued, and fails while everything else is being made; an API
that a domain leads to is not deleted.
Sources: AWS CloudFormation user guide, “Import AWS resources into a CloudFormation stack automatically” and the primary identifiers of the
resource types; the answer of DeleteRestApi in github.com/glomex/gcdt/issues/373.
"""

from contextvars import ContextVar
from typing import Any

from ministack.services import acm, secretsmanager
from ministack.services import apigateway_v1 as api_gateway
from ministack.services import ses_v2 as ses
from ministack.services.cloudformation import changesets, provisioners, stacks

SECRET, IDENTITY, DOMAIN = "AWS::SecretsManager::Secret", "AWS::SES::EmailIdentity", "AWS::ApiGateway::DomainName"
CONFIGURATION_SET = "AWS::SES::ConfigurationSet"


def be_strict() -> None:
    """Replace the parts of MiniStack that allow what AWS refuses."""
    _refuse(SECRET, lambda properties: properties["Name"] in secretsmanager._secrets and f"{properties['Name']} already exists")
    _refuse(IDENTITY, lambda properties: properties["EmailIdentity"] in ses._identities and f"{properties['EmailIdentity']} already exists")
    _refuse(CONFIGURATION_SET, lambda properties: properties["Name"] in ses._config_sets and f"{properties['Name']} already exists")
    _refuse(
        DOMAIN,
        lambda domain: not _issued(domain["RegionalCertificateArn"]) and "The certificate is not issued, or of another region",
    )
    _plan_what_conditions_allow()
    _import_secrets()
    _import_buckets()
    _make_domains_last()
    _keep_apis_of_domains()


def _refuse(kind: str, fault: Any) -> None:
    handlers = provisioners._RESOURCE_HANDLERS[kind]
    create = handlers["create"]

    def strict(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        if why := fault(properties):
            raise ValueError(why)
        return create(logical_id, properties, stack)

    handlers["create"] = strict


def _issued(certificate: str) -> bool:
    return bool(acm._certificates.get(certificate, {}).get("Status") == "ISSUED")


def _plan_what_conditions_allow() -> None:
    resolve, evaluate = changesets._resolve_props_for_diff, changesets._evaluate_conditions

    def conditioned(template: dict[str, Any], parameters: dict[str, Any], *stack: str) -> dict[str, Any]:
        met = evaluate(template, parameters) if template else {}
        resources = resolve(template, parameters, *stack).get("Resources", {})
        return {"Resources": {name: one for name, one in resources.items() if met.get(one.get("Condition"), True)}}

    changesets._resolve_props_for_diff = conditioned


def _import_secrets() -> None:
    def name_of(arn: str) -> Any:
        return next((name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == arn), None)

    def adopt(identifier: dict[str, str]) -> Any:
        return name_of(identifier["Id"]), {"Id": identifier["Id"], "Arn": identifier["Id"]}

    provisioners._RESOURCE_HANDLERS[SECRET]["import"] = adopt
    changesets._IMPORT_LOOKUPS[SECRET] = (("Id",), lambda arn: None if name_of(arn) else f"{arn} was not found")


def _import_buckets() -> None:
    deploy, conflict = changesets._deploy_stack_async, provisioners.s3_bucket_name_conflict
    imported: ContextVar[frozenset[str]] = ContextVar("imported", default=frozenset())

    async def importing(*arguments: Any, imports: dict[str, dict[str, str]] | None = None, **more: Any) -> Any:
        imported.set(frozenset(name for identifier in (imports or {}).values() for name in identifier.values()))
        return await deploy(*arguments, imports=imports, **more)

    changesets._deploy_stack_async = importing
    provisioners.s3_bucket_name_conflict = lambda name: None if name in imported.get() else conflict(name)


def _make_domains_last() -> None:
    """AWS makes resources side by side, so the resources that survive a failure exist when a domain fails."""
    sort = stacks._topological_sort

    def domains_last(resources: dict[str, Any], conditions: Any) -> list[str]:
        return sorted(sort(resources, conditions), key=lambda name: resources.get(name, {}).get("Type") == DOMAIN)

    stacks._topological_sort = domains_last


def _keep_apis_of_domains() -> None:
    delete = api_gateway._delete_rest_api

    def unless_mapped(id: str) -> Any:
        if any(mapping["restApiId"] == id for mappings in api_gateway._base_path_mappings.values() for mapping in mappings.values()):
            words = f"Deleting RestApi with id {id} failed. Please remove all base path mappings related to the RestApi in your domains."
            return api_gateway._v1_error("BadRequestException", words, 400)
        return delete(id)

    api_gateway._delete_rest_api = unless_mapped
