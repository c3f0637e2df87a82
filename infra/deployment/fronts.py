"""The domain and the firewall of infra/front.yaml, with the stage's API behind them."""

import boto3
from botocore.exceptions import ClientError

from infra.deployment.changes import Change
from infra.deployment.clients import client
from infra.deployment.stage import API_STAGE

ROOT = "(none)"
"""What API Gateway calls the path of a domain that is not divided."""


def api_of_domain(domain: str | None) -> str | None:
    """Return the API that the domain is mapped to."""
    if not domain:
        return None
    mappings = client("apigateway").get_base_path_mappings(domainName=domain).get("items", [])
    return next((mapping["restApiId"] for mapping in mappings if mapping["basePath"] == ROOT), None)


def firewall_arn(rest_api: str) -> str:
    """Return the ARN of the API's firewall, empty for none."""
    try:
        found = client("wafv2").get_web_acl_for_resource(ResourceArn=api_arn(rest_api))
    except ClientError as error:
        if error.response["Error"]["Code"] == "WAFNonexistentItemException":
            return ""
        raise
    return str(found.get("WebACL", {}).get("ARN", ""))


def plan_domain(domain: str | None, *, leads_to: str | None, rest_api: str) -> list[Change]:
    """Return the mapping of the domain to the API."""
    if not domain or leads_to == rest_api:
        return []
    new = {"domainName": domain, "restApiId": rest_api, "stage": API_STAGE}
    removed = [_no_mapping(domain, leads_to)] if leads_to else []
    return [*removed, Change(f"{domain} leads to API {rest_api}", "apigateway", "create_base_path_mapping", new)]


def plan_no_domain(domain: str | None, *, leads_to: str | None, rest_api: str | None) -> list[Change]:
    """Return what ends the domain's mapping to this API. One to another API stays."""
    return [_no_mapping(domain, rest_api)] if domain and rest_api and leads_to == rest_api else []


def _no_mapping(domain: str, rest_api: str) -> Change:
    old = {"domainName": domain, "basePath": ROOT}
    return Change(f"{domain} no longer leads to API {rest_api}", "apigateway", "delete_base_path_mapping", old)


def plan_firewall(firewall: str | None, *, current: str, rest_api: str) -> list[Change]:
    """Return what puts the API behind the stage's firewall. One that it got elsewhere stays, unless the stage has its own."""
    if not firewall or current == firewall:
        return []
    arguments = {"WebACLArn": firewall, "ResourceArn": api_arn(rest_api)}
    return [Change(f"API {rest_api} stands behind the firewall", "wafv2", "associate_web_acl", arguments)]


def api_arn(rest_api: str) -> str:
    return f"arn:aws:apigateway:{boto3.Session().region_name}::/restapis/{rest_api}/stages/{API_STAGE}"
