"""The clients of AWS's services are kept for a command."""

from infra.deployment.clients import client


def test_a_service_has_one_client() -> None:
    assert client("sqs") is client("sqs")
    assert client("sqs").meta.service_model.service_name == "sqs"
    assert client("sqs") is not client("sns")
