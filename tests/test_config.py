from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from chalicelib import config as module
from chalicelib.config import config


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A deployment, whose link key is in a secret and not in the environment."""
    monkeypatch.delenv("ROLLBOOK_LINK_KEY")
    module._secret.cache_clear()
    with mock_aws():
        yield
    module._secret.cache_clear()


def test_a_deployment_keeps_its_link_key_as_a_secret_that_is_read_once(deployed: None) -> None:
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="rollbook-test-link-key", SecretString="kept")
    assert config().link_key == "kept"
    secrets.delete_secret(SecretId="rollbook-test-link-key", ForceDeleteWithoutRecovery=True)
    assert config().link_key == "kept"


def test_without_a_key_nothing_is_signed(deployed: None) -> None:
    with pytest.raises(Exception, match="ResourceNotFoundException"):
        _ = config().link_key
