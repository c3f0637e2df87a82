"""The check of a stage. Each finding names a fault and its remedy."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from infra.deployment import deployed_state, functions, policies, rest_apis, schedules, stacks, stage_config, wire_plan
from infra.deployment.clients import client
from infra.deployment.stage import API, DeployingError, Stage
from infra.deployment.stage_config import Environment
from infra.deployment.tables import declared_tables, is_forgetful

PROTECTED = ("rosters", "records", "messages", "codes")
SECONDS = 35


@dataclass(frozen=True, slots=True)
class Probe:
    """A request to the application, and the statuses that it answers if all that it needs works, the usual one first."""

    method: str
    path: str
    statuses: tuple[int, ...]
    body: str = ""


PROBES = (
    Probe("GET", "/v1/health", (200,)),
    Probe("GET", "/v1/portal/there-is-no-such-organisation/sessions", (404,)),
    Probe("POST", "/v1/auth/sign-in", (401, 429), '{"email": "nobody@rollbook.invalid", "password": "of-a-check-1A"}'),
)
"""They change nothing. The function answers; it reads a table with its own permissions; it counts attempts and asks the user pool, unless
somebody checks so often that the count refuses it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, or, if `wrong` is false, a remark."""

    says: str
    do: str
    wrong: bool = True


def findings(stage: Stage) -> Iterator[Finding]:
    """Return all findings. A missing deployment is the only finding."""
    try:
        outputs, needed = stacks.outputs(stage), wire_plan.needed(stage)
    except DeployingError as error:
        yield Finding(str(error), f"make deploy STAGE={stage.name}")
        return
    environment = stage_config.configured(stage)
    tables = [stage_config.table_name(stage, table) for table in PROTECTED]
    yield from unset_variables(stage, environment)
    yield from pending_changes(stage, [change.says for change in needed.changes])
    yield from unrecorded_resources(
        stage, deployed_state.unrecorded_names(deployed_state.recorded_resources(stage), deployed_state.existing_resources(stage))
    )
    yield from (finding for table in tables for finding in unprotected_table(table, *_protection(stage, table)))
    yield from disabled_schedules(schedules.states(stage))
    yield from duplicate_apis(rest_apis.api_id(stage), rest_apis.api_ids(stage))
    yield from email_restrictions(environment.get("ROLLBOOK_SENDER", ""), **_sending(environment.get("ROLLBOOK_SENDER", "")))
    yield from alarms_without_subscriber(outputs.get("AlarmTopic"), _listeners(outputs.get("AlarmTopic")))
    yield from failed_health_check(stage, environment.get(stage_config.PUBLIC_URL, ""))


def unset_variables(stage: Stage, environment: Environment) -> Iterator[Finding]:
    for name in stage_config.NEEDED:
        if not environment.get(name):
            yield Finding(
                f"{name} is not set in .chalice/stages/{stage.name}.json", f"python -m infra stack --stage {stage.name}, then wire"
            )


def pending_changes(stage: Stage, changes: Iterable[str]) -> Iterator[Finding]:
    for says in changes:
        yield Finding(f"not so yet: {says}", f"python -m infra wire --stage {stage.name}")


def unrecorded_resources(stage: Stage, names: list[str]) -> Iterator[Finding]:
    if names:
        says = f"Chalice does not remember {', '.join(names)}; the next deploy would make them twice"
        yield Finding(says, f"python -m infra adopt --stage {stage.name}")


def unprotected_table(table: str, deletion: bool, recovery: bool, expiry: bool) -> Iterator[Finding]:
    if not deletion:
        yield Finding(f"{table} may be deleted", f"aws dynamodb update-table --table-name {table} --deletion-protection-enabled")
    if not recovery:
        specification = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        says = f"{table} cannot be restored to a point in time"
        yield Finding(says, f"aws dynamodb update-continuous-backups --table-name {table} {specification}")
    if not expiry:
        specification = "--time-to-live-specification Enabled=true,AttributeName=forget_at"
        says = f"{table} keeps rows that have expired: time to live is off"
        yield Finding(says, f"aws dynamodb update-time-to-live --table-name {table} {specification}")


def disabled_schedules(states: dict[str, bool]) -> Iterator[Finding]:
    for name, enabled in states.items():
        if not enabled:
            says = f"{name} is disabled: what it starts stands still, and deploys leave it so"
            yield Finding(says, f"aws events enable-rule --name {name}", wrong=False)


def duplicate_apis(one: str | None, every: list[str]) -> Iterator[Finding]:
    for other in every:
        if other != one:
            says = f"API {other} calls the stage's function too: a deploy that died left it behind"
            yield Finding(says, f"aws apigateway delete-rest-api --rest-api-id {other}", wrong=False)


def email_restrictions(sender: str, *, verified: bool, production: bool) -> Iterator[Finding]:
    if sender and not verified:
        says = f"SES has not verified {sender} or its domain: no e-mail leaves, all wait"
        yield Finding(says, "docs/deployment.md, “Sending e-mail”: enter the domain's DKIM records, and wait until SES has seen them")
    if not production:
        says = "SES is in its sandbox: e-mails go to verified addresses only"
        yield Finding(says, "docs/deployment.md, “Sending e-mail”: ask AWS for production access", wrong=False)


def alarms_without_subscriber(topic: str | None, listeners: int) -> Iterator[Finding]:
    if topic and not listeners:
        do = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint you@example.org, and confirm the e-mail"
        yield Finding("nobody hears the alarms", do, wrong=False)


def failed_health_check(stage: Stage, public_url: str) -> Iterator[Finding]:
    """Ask the deployed application for its health, and whether it works with its tables and its user pool. One fault is enough."""
    for probe in PROBES:
        answer = _answer(public_url, probe) if public_url else "nothing"
        if answer not in probe.statuses:
            log = f"aws logs filter-log-events --log-group-name {functions.log_group(stage.function(API))}"
            says = f"{probe.method} {public_url}{probe.path} answers {answer} in place of {probe.statuses[0]}"
            yield Finding(says, f"{log}  (and under a domain of its own: its DNS record)")
            return


def _answer(public_url: str, probe: Probe) -> int | str:
    """Return the status that came back, or why none did. Where AWS is another's (AWS_ENDPOINT_URL), the request goes there too."""
    meant = urlsplit(public_url)
    target = urlsplit(os.environ.get("AWS_ENDPOINT_URL") or public_url)
    kind = HTTPSConnection if target.scheme == "https" else HTTPConnection
    connection = kind(target.netloc, timeout=SECONDS)
    try:
        headers = {"Host": meant.netloc, "Content-Type": "application/json"}
        connection.request(probe.method, meant.path + probe.path, probe.body or None, headers)
        return connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"nothing ({error})"
    finally:
        connection.close()


def _protection(stage: Stage, table: str) -> tuple[bool, bool, bool]:
    """Return whether the table is protected from deletion, can be restored, and forgets expired rows if its template says so."""
    dynamodb = client("dynamodb")
    deletion = dynamodb.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled", False)
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    said = next(one for name, one in declared_tables(stage).items() if table.endswith(f"-{name}"))
    return bool(deletion), recovery == "ENABLED", "TimeToLiveSpecification" not in said or is_forgetful(dynamodb, table)


def _sending(sender: str) -> dict[str, bool]:
    ses = client("sesv2")
    verified = bool(sender) and any(_verified(ses, identity) for identity in policies.identities(sender))
    return {"verified": verified, "production": ses.get_account()["ProductionAccessEnabled"]}


def _verified(ses: Any, identity: str) -> bool:
    """Whether SES has verified the identity. That somebody may not ask is no answer, and raises ClientError."""
    try:
        return bool(ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return False
        raise


def _listeners(topic: str | None) -> int:
    if not topic:
        return 0
    subscriptions = client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return sum(subscription["SubscriptionArn"].startswith("arn:") for subscription in subscriptions)
