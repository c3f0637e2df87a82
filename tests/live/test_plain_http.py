"""Requests to DynamoDB Local without urllib3 are answered as those with it are, and fail as they do."""

from collections.abc import Callable, Iterator
from contextlib import closing
from socket import create_server, socket
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session
from urllib3.util.wait import wait_for_read

from chalicelib import clients
from chalicelib.config import config
from chalicelib.tables.keys import Key
from infra.local import plain_http
from infra.local.child import free_port
from tests import fast_botocore

pytestmark = pytest.mark.live
KEY = Key("demo#s", "a").stored()
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n" + b'{"TableNames":[]}'
REFUSED = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
Serve = Callable[[socket], None]


def result_of(method: str, **more: Any) -> Any:
    try:
        said: Any = getattr(clients.dynamodb(), method)(TableName=config().rosters_table, **more)
    except ClientError as refused:
        said = refused.response
    unlike = {"RequestId", "HTTPHeaders"}
    return said | {"ResponseMetadata": {name: value for name, value in said["ResponseMetadata"].items() if name not in unlike}}


def test_both_ways_give_the_same_answers(stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    item = KEY | {"text": {"S": "é" * 200_000}, "raw": {"B": b"\x00\xff"}}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("put_item", {"Item": item}),
        ("put_item", {"Item": item, **REFUSED}),
        ("get_item", {"Key": KEY}),
        ("query", {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": KEY["pk"]}}),
        ("query", {"KeyConditionExpression": "nonsense"}),
    ]
    directly = [result_of(method, **more) for method, more in requests]
    monkeypatch.setattr(URLLib3Session, "send", plain_http._through_urllib3)
    assert [result_of(method, **more) for method, more in requests] == directly
    assert [said["ResponseMetadata"]["HTTPStatusCode"] for said in directly] == [200, 400, 200, 200, 400]
    assert directly[2]["Item"] == directly[1]["Item"] == item


@pytest.fixture
def server() -> Iterator[Callable[..., Any]]:
    """Return `server(…)`, which serves each connection as one of its arguments says, and returns a client without retries."""
    with closing(create_server(("127.0.0.1", 0))) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"

        def serve(connections: tuple[Serve, ...]) -> None:
            for each in connections:
                with listening.accept()[0] as connection:
                    each(connection)

        def begin(*connections: Serve, timeout: float = 60) -> Any:
            fast_botocore.speed_up()
            Thread(target=serve, args=(connections,), daemon=True).start()
            return client(url, timeout)

        yield begin
        plain_http.close(url)


def client(url: str, timeout: float = 60) -> Any:
    asked_once = Config(read_timeout=timeout, retries={"mode": "standard", "total_max_attempts": 1})
    return boto3.client("dynamodb", endpoint_url=url, config=asked_once)


def respond(connection: socket) -> None:
    connection.recv(65536)
    connection.sendall(RESPONSE)


def hangs_up(connection: socket) -> None:
    connection.recv(65536)


def is_silent(connection: socket) -> None:
    connection.recv(65536)
    connection.recv(65536)


def test_a_reply_that_does_not_come_is_an_error_of_botocore(server: Callable[..., Any]) -> None:
    with pytest.raises(ConnectionClosedError):
        server(hangs_up).list_tables()
    with pytest.raises(ReadTimeoutError):
        server(is_silent, timeout=0.2).list_tables()


def test_nobody_who_listens_is_an_error_of_botocore() -> None:
    fast_botocore.speed_up()
    with pytest.raises(EndpointConnectionError):
        client(f"http://127.0.0.1:{free_port()}").list_tables()


def test_a_connection_that_has_ended_is_replaced(server: Callable[..., Any]) -> None:
    """Those of a race are all idle until DynamoDB Local ends them: retries alone would meet only more of them."""
    asking = server(respond, respond)
    asking.list_tables()
    (idle,) = plain_http._idle[urlsplit(asking.meta.endpoint_url).netloc]
    assert wait_for_read(idle.sending, timeout=60)
    assert asking.list_tables()["TableNames"] == []
