"""Drills on the deployed application: the operator is told what is wrong, and the suggested command repairs it."""

import pytest

from infra.templates import create_tables
from tests.infra.rehearsal.conftest import zipped
from tests.live.deployed.deployment import STAGE, Deployment, done
from tests.live.http.conftest import Staff
from tests.live.http.test_main_job import fresh

pytestmark = pytest.mark.live
MESSAGES = f"rollbook-{STAGE}-messages"


def test_a_crashed_deploy_is_refused_until_chalice_knows_its_resources(deployed: Deployment) -> None:
    second = deployed.after_a_death
    assert second.returncode != 0
    assert f"python -m infra adopt --stage {STAGE}" in second.stderr
    assert len(deployed.aws.client("apigateway").get_rest_apis()["items"]) == 1


def test_a_stage_without_faults_is_correct(deployed: Deployment) -> None:
    assert "0 wrong" in done(deployed.infra("check"))
    assert "nothing to change" in done(deployed.infra("wire", "--yes"))


def test_a_mapping_without_the_flag_is_found_and_repaired(deployed: Deployment) -> None:
    functions = deployed.aws.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName=f"rollbook-{STAGE}-on_messages")["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], FunctionResponseTypes=[])
    found = deployed.infra("check")
    assert found.returncode == 1
    assert "FunctionResponseTypes is []" in found.stdout
    mended(deployed, found.stdout, "wire")


def test_a_paused_schedule_stays_paused_and_a_lost_state_file_and_changed_code_are_restored(deployed: Deployment) -> None:
    rule = f"rollbook-{STAGE}-run_schedules-event"
    events, functions = deployed.aws.client("events"), deployed.aws.client("lambda")
    events.disable_rule(Name=rule)
    functions.update_function_code(FunctionName=f"rollbook-{STAGE}-on_webhooks", ZipFile=zipped("changed by hand"))
    (deployed.project / ".chalice" / "deployed" / f"{STAGE}.json").unlink()
    refused = deployed.infra("functions", "--yes")
    assert refused.returncode == 1
    mended(deployed, refused.stderr, "adopt")
    done(deployed.infra("functions", "--yes"))
    mended(deployed, deployed.infra("check").stdout, "wire")
    assert events.describe_rule(Name=rule)["State"] == "DISABLED"
    assert f"aws events enable-rule --name {rule}" in done(deployed.infra("check"))
    events.enable_rule(Name=rule)
    assert len({function["CodeSha256"] for function in functions.list_functions()["Functions"]}) == 1, "all have the package"
    assert deployed.call("GET", "/v1/health").status == 200
    assert len(deployed.aws.client("apigateway").get_rest_apis()["items"]) == 1


def test_a_recreated_table_is_followed_again(deployed: Deployment, staff: Staff) -> None:
    dynamodb = deployed.aws.client("dynamodb")
    dynamodb.update_table(TableName=MESSAGES, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=MESSAGES)
    create_tables(dynamodb, STAGE)
    found = deployed.infra("check")
    assert found.returncode == 1
    assert f"{MESSAGES} may be deleted" in found.stdout
    dynamodb.update_table(TableName=MESSAGES, DeletionProtectionEnabled=True)
    dynamodb.update_continuous_backups(TableName=MESSAGES, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    mended(deployed, found.stdout, "wire")
    ana = fresh("ana")
    staff.invite(staff.session(), ana)
    deployed.mail(ana)


def mended(deployed: Deployment, said: str, command: str) -> None:
    """Run the suggested command, and check that nothing is wrong any more."""
    assert f"python -m infra {command} --stage {STAGE}" in said
    done(deployed.infra(command, "--yes"))
    assert "0 wrong" in done(deployed.infra("check"))
