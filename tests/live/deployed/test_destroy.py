"""Destroying the application keeps the users' data and nothing else. Runs last, since nothing works afterwards."""

import time

import pytest

from infra.deployment.api_gateway import LOG_ROLE
from tests.live.deployed.deployment import MAKE, STAGE, Deployment, done, run
from tests.live.deployed.test_mail import PAUSE
from tests.live.http.conftest import Staff

pytestmark = pytest.mark.live
STACK, DOMAIN = f"rollbook-{STAGE}", "book.example.org"


def test_nothing_but_data_is_left_also_under_a_domain(deployed: Deployment, staff: Staff) -> None:
    certificate = deployed.aws.client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"]
    done(deployed.infra("stack", "--yes", "--set", f"Domain={DOMAIN}", "--set", f"Certificate={certificate}"))
    done(deployed.infra("wire", "--yes"))
    assert deployed.aws.client("apigateway").get_base_path_mappings(domainName=DOMAIN)["items"]
    ses, others = deployed.aws.client("sesv2"), f"{STACK}-2_demo"
    time.sleep(PAUSE)
    ses.create_configuration_set(ConfigurationSetName=others)
    time.sleep(PAUSE)
    assert sorted(ses.list_configuration_sets()["ConfigurationSets"]) == [STACK, others, f"{STACK}_demo"]
    time.sleep(PAUSE)
    told = done(run(deployed.project, deployed.aws, [*MAKE, "destroy", f"STAGE={STAGE}", "YES=1"]))
    assert "under its domain as before" in told
    client = deployed.aws.client
    assert client("lambda").list_functions()["Functions"] == []
    assert client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert client("apigateway").get_rest_apis()["items"] == []
    assert client("events").list_rules()["Rules"] == []
    assert [role["RoleName"] for role in client("iam").list_roles()["Roles"]] == [LOG_ROLE], "other APIs may use the log role"
    time.sleep(PAUSE)
    assert sorted(ses.list_configuration_sets()["ConfigurationSets"]) == [STACK, others], "the stack's own, and another stage's"
    left = client("dynamodb").scan(TableName=f"rollbook-{STAGE}-records", Limit=1)
    assert left["Count"] == 1
    assert client("cognito-idp").list_user_pools(MaxResults=9)["UserPools"]
