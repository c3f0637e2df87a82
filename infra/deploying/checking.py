"""Whether a stage is as it must be. Each finding says what is wrong and what to do about it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from infra.deploying import configuring, functions, recording, rest_apis, schedules, stacks, wiring
from infra.deploying.configuring import Environment
from infra.deploying.stage import API, DeployingError, Stage

PROTECTED = ("rosters", "records", "messages", "codes")
HEALTH = "/v1/health"
SECONDS = 35


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or, if it is not, that somebody should know."""

    says: str
    do: str
    wrong: bool = True


def findings(stage: Stage) -> Iterator[Finding]:
    """Return everything that is not as it must be. What is not even deployed is the only finding."""
    try:
        outputs, needed = stacks.outputs(stage), wiring.needed(stage)
    except DeployingError as error:
        yield Finding(str(error), f"make deploy STAGE={stage.name}")
        return
    environment = configuring.configured(stage)
    tables = [configuring.table_name(stage, table) for table in PROTECTED]
    yield from unset(stage, environment)
    yield from unwired(stage, [change.says for change in needed.changes])
    yield from forgotten(stage, recording.unknown(recording.recorded(stage), recording.found(stage)))
    yield from (finding for table in tables for finding in unprotected(table, *_protection(table)))
    yield from paused(schedules.states(stage))
    yield from doubled(rest_apis.one(stage), rest_apis.every(stage))
    yield from unsent(environment.get("ROLLBOOK_SENDER", ""), **_sending(environment.get("ROLLBOOK_SENDER", "")))
    yield from unheard(outputs.get("AlarmTopic"), _listeners(outputs.get("AlarmTopic")))
    yield from unreachable(stage, environment.get(configuring.PUBLIC_URL, ""))


def unset(stage: Stage, environment: Environment) -> Iterator[Finding]:
    for name in configuring.NEEDED:
        if not environment.get(name):
            yield Finding(f"{name} is not set in .chalice/config.json", f"python -m infra stack --stage {stage.name}, then wire")


def unwired(stage: Stage, changes: Iterable[str]) -> Iterator[Finding]:
    for says in changes:
        yield Finding(f"not so yet: {says}", f"python -m infra wire --stage {stage.name}")


def forgotten(stage: Stage, names: list[str]) -> Iterator[Finding]:
    if names:
        says = f"Chalice does not remember {', '.join(names)}; the next deploy would make them twice"
        yield Finding(says, f"python -m infra adopt --stage {stage.name}")


def unprotected(table: str, deletion: bool, recovery: bool) -> Iterator[Finding]:
    if not deletion:
        yield Finding(f"{table} may be deleted", f"aws dynamodb update-table --table-name {table} --deletion-protection-enabled")
    if not recovery:
        specification = "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true"
        says = f"{table} cannot be restored to a point in time"
        yield Finding(says, f"aws dynamodb update-continuous-backups --table-name {table} {specification}")


def paused(states: dict[str, bool]) -> Iterator[Finding]:
    for name, enabled in states.items():
        if not enabled:
            says = f"{name} is disabled: what it starts stands still, and deploys leave it so"
            yield Finding(says, f"aws events enable-rule --name {name}", wrong=False)


def doubled(one: str | None, every: list[str]) -> Iterator[Finding]:
    for other in every:
        if other != one:
            says = f"API {other} calls the stage's function too: a deploy that died left it behind"
            yield Finding(says, f"aws apigateway delete-rest-api --rest-api-id {other}", wrong=False)


def unsent(sender: str, *, verified: bool, production: bool) -> Iterator[Finding]:
    if sender and not verified:
        says = f"SES has not verified {sender} or its domain: no e-mail leaves"
        yield Finding(says, "docs/deployment.md, “Sending e-mail”: enter the domain's DKIM records", wrong=False)
    if not production:
        says = "SES is in its sandbox: e-mails go to verified addresses only"
        yield Finding(says, "docs/deployment.md, “Sending e-mail”: ask AWS for production access", wrong=False)


def unheard(topic: str | None, listeners: int) -> Iterator[Finding]:
    if topic and not listeners:
        do = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint you@example.org, and confirm the e-mail"
        yield Finding("nobody hears the alarms", do, wrong=False)


def unreachable(stage: Stage, public_url: str) -> Iterator[Finding]:
    """Ask the deployed application for its health."""
    answer = _answer(public_url) if public_url else "nothing"
    if answer != 200:
        log = f"aws logs tail {functions.log_group(stage.function(API))}"
        yield Finding(f"{public_url}{HEALTH} answers {answer}", f"{log}  (and under a domain of its own: its DNS record)")


def _answer(public_url: str) -> int | str:
    """Return the status that came back, or why none did. Where AWS is another's (AWS_ENDPOINT_URL), the request goes there too."""
    meant = urlsplit(public_url)
    asked = urlsplit(os.environ.get("AWS_ENDPOINT_URL") or public_url)
    kind = HTTPSConnection if asked.scheme == "https" else HTTPConnection
    connection = kind(asked.netloc, timeout=SECONDS)
    try:
        connection.request("GET", meant.path + HEALTH, headers={"Host": meant.netloc})
        return connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"nothing ({error})"
    finally:
        connection.close()


def _protection(table: str) -> tuple[bool, bool]:
    dynamodb = boto3.client("dynamodb")
    deletion = dynamodb.describe_table(TableName=table)["Table"].get("DeletionProtectionEnabled", False)
    backups = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    return bool(deletion), recovery == "ENABLED"


def _sending(sender: str) -> dict[str, bool]:
    ses = boto3.client("sesv2")
    identities = [sender, sender.partition("@")[2]]
    return {"verified": any(_verified(ses, name) for name in identities), "production": ses.get_account()["ProductionAccessEnabled"]}


def _verified(ses: object, identity: str) -> bool:
    try:
        return bool(ses.get_email_identity(EmailIdentity=identity)["VerifiedForSendingStatus"])  # type: ignore[attr-defined]
    except ClientError:
        return False


def _listeners(topic: str | None) -> int:
    if not topic:
        return 0
    subscriptions = boto3.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return sum(subscription["SubscriptionArn"].startswith("arn:") for subscription in subscriptions)
