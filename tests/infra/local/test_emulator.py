"""Our additions to MiniStack, on the real emulator: continuous saving, streams that survive, a reachable issuer, loopback only."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import boto3
import jwt
import pytest

from infra.local import emulator, ministack_process, resources
from infra.local.emulator import Emulator
from infra.local.queues import Queue
from infra.local.resources import RETRYING
from infra.local.state import StackState
from infra.local.stream_records import Stream
from infra.templates import create_queues

LISTENING = "0A"
where_proc_is = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads /proc")
HOLD = """
import sys
from pathlib import Path
from infra.local import emulator
aws = emulator.start(Path(sys.argv[1]))
aws.child.wait_for_port(aws.port, seconds=30)
print(aws.port, flush=True)
sys.stdin.read()
"""


@contextmanager
def running(state: Path, *, port: int = 0) -> Iterator[Emulator]:
    aws = emulator.start(state, port=port)
    try:
        aws.child.wait_for_port(aws.port, seconds=30)
        yield aws
    finally:
        aws.stop()


@contextmanager
def client(service: str, aws: Emulator) -> Iterator[Any]:
    with closing(boto3.client(service, endpoint_url=aws.endpoint, config=RETRYING)) as made:  # type: ignore[call-overload]
        yield made


def furnished(aws: Emulator, monkeypatch: pytest.MonkeyPatch, known: StackState | None = None) -> StackState:
    found = known or StackState()
    for service in ("DYNAMODB", "DYNAMODB_STREAMS", "COGNITO_IDENTITY_PROVIDER", "SQS", "S3"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws.endpoint)
    resources.create_resources(found)
    return found


def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.05)


def put(aws: Emulator, name: str) -> None:
    with client("dynamodb", aws) as dynamodb:
        dynamodb.put_item(TableName="rollbook-local-rosters", Item={"pk": {"S": name}, "sk": {"S": "1"}, "data": {"B": b"\xff"}})


def names(aws: Emulator) -> set[str]:
    with client("dynamodb", aws) as dynamodb:
        return {item["pk"]["S"] for item in dynamodb.scan(TableName="rollbook-local-rosters")["Items"]}


def read_all(aws: Emulator, checkpoint: Path) -> list[str]:
    """Read the stream from the checkpoint to its end."""
    found: list[str] = []
    with client("dynamodbstreams", aws) as streams:
        stream = Stream(streams, arn=resources.stream_arns()["Rosters"], checkpoint=checkpoint)
        while batch := stream.read(2):
            shard, records = batch
            assert {record["dynamodb"]["NewImage"]["data"]["B"] for record in records} == {"/w=="}
            found += [record["dynamodb"]["NewImage"]["pk"]["S"] for record in records]
            stream.done(shard, records[-1])
    return found


def test_resources_and_unread_stream_records_survive_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = tmp_path / "rosters.json"
    with running(tmp_path) as aws:
        known = furnished(aws, monkeypatch)
        for name in ("a", "b", "c"):
            put(aws, name)
        assert read_all(aws, checkpoint) == ["a", "b", "c"]
        put(aws, "d")
    with running(tmp_path, port=aws.port) as again:
        assert again.port == aws.port
        pool = known.user_pool
        assert furnished(again, monkeypatch, known).user_pool == pool
        assert names(again) == {"a", "b", "c", "d"}
        put(again, "e")
        assert read_all(again, checkpoint) == ["d", "e"]


def test_a_lost_stream_position_means_reading_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint = tmp_path / "rosters.json"
    with running(tmp_path) as aws:
        furnished(aws, monkeypatch)
        put(aws, "a")
        assert read_all(aws, checkpoint) == ["a"]
        kept = json.loads(checkpoint.read_text())
        kept["places"] = dict.fromkeys(kept["places"], "9" * 30)
        checkpoint.write_text(json.dumps(kept))
        with client("dynamodbstreams", aws) as streams:
            stream = Stream(streams, arn=kept["arn"], checkpoint=checkpoint)
            assert stream.read(2) is None
            batch = stream.read(2)
        assert batch
        assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in batch[1]] == ["a"]


def test_messages_in_a_queue_survive_a_restart_on_another_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path) as aws:
        furnished(aws, monkeypatch)
        send(aws, "before")
    with running(tmp_path) as again:
        furnished(again, monkeypatch)
        send(again, "after")
        with client("sqs", again) as sqs:
            queue = Queue(sqs, create_queues(sqs, resources.STAGE)["Jobs"])
            found = [message for _ in range(2) for message in queue.receive(1)]
            assert {message["body"] for message in found} == {"before", "after"}
            for message in found:
                queue.delete(message)
            assert queue.receive(1) == []


def send(aws: Emulator, body: str) -> None:
    with client("sqs", aws) as sqs:
        sqs.send_message(QueueUrl=create_queues(sqs, resources.STAGE)["Jobs"], MessageBody=body)


def test_receiving_messages_does_not_save() -> None:
    for operation, saves in (("ReceiveMessage", False), ("SendMessage", True), ("", False)):
        snapshots = ministack_process.Snapshots()
        snapshots.note(operation)
        assert snapshots._changed is saves


@where_proc_is
def test_a_crash_loses_only_the_last_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = tmp_path / "emulator" / "dynamodb.json"
    with running(tmp_path) as aws:
        furnished(aws, monkeypatch)
        put(aws, "written well before")
        until(lambda: saved.exists() and "written well before" in saved.read_text())
        put(aws, "written just now")
        os.kill(process_on(aws.port), signal.SIGKILL)
    with running(tmp_path) as again:
        furnished(again, monkeypatch)
        assert "written well before" in names(again)


def test_tokens_name_an_issuer_whose_keys_can_be_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with running(tmp_path) as aws:
        known = furnished(aws, monkeypatch)
        issuer = aws.issuer(known.user_pool)
        token = sign_in(aws, known)
        with urllib.request.urlopen(f"{issuer}/.well-known/jwks.json") as response:
            keys = {key["kid"]: jwt.PyJWK(key) for key in json.load(response)["keys"]}
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer)
        assert (claims["token_use"], claims["client_id"], claims["username"]) == ("access", known.user_pool_client, "owner@demo.test")
        assert claims["exp"] - claims["iat"] == 3600


def sign_in(aws: Emulator, known: StackState) -> str:
    with client("cognito-idp", aws) as cognito:
        pool = {"UserPoolId": known.user_pool}
        cognito.admin_create_user(**pool, Username="owner@demo.test", MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**pool, Username="owner@demo.test", Password="demo-Passw0rd!", Permanent=True)
        parameters = {"USERNAME": "owner@demo.test", "PASSWORD": "demo-Passw0rd!"}
        flow = {"ClientId": known.user_pool_client, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", "AuthParameters": parameters}
        return str(cognito.admin_initiate_auth(**pool, **flow)["AuthenticationResult"]["AccessToken"])


@where_proc_is
def test_it_ends_with_its_parent_process(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        process = process_on(int(parent.stdout.readline()))
        parent.kill()
    until(lambda: not Path(f"/proc/{process}").exists())


@where_proc_is
def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    with running(tmp_path) as aws:
        assert listening(process_on(aws.port)) == {f"0100007F:{port:04X}" for port in (aws.port, aws.dynamodb_port)}


def process_on(port: int) -> int:
    """Return the process that listens on the port."""
    ours = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return next(process for process in ours if any(address.endswith(f":{port:04X}") for address in listening(process)))


def listening(process: int) -> set[str]:
    """Return the addresses, as in /proc/net, that the process listens on."""
    try:
        sockets = {str(entry.readlink()) for entry in Path(f"/proc/{process}/fd").iterdir()}
    except OSError:
        return set()
    rows = [line.split() for kind in ("tcp", "tcp6") for line in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]]
    return {row[1] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in sockets}
