"""Generated clients do the main job against the local stack, and Redocly's linter finds no error in the document."""

import os
from pathlib import Path

import pytest

from infra.local.npm import PackageMissingError
from tests.live import clients
from tests.live.stack import PASSWORD, Stack

pytestmark = pytest.mark.live

SAYS = ["%s Zoé 1 7 Bring an apron. Studio 2", "session_full"]


@pytest.fixture(scope="module")
def document(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The OpenAPI document of the local stack, in a folder of its own."""
    try:
        clients.node_modules(), clients.python_packages()
    except PackageMissingError as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))
    file = tmp_path_factory.mktemp("clients") / "openapi.json"
    file.write_bytes(stack.call("GET", "/v1/openapi.json").body)
    return file


def test_the_document_passes_the_linter(document: Path) -> None:
    clients.lint(document)


def test_the_linter_finds_an_error(document: Path) -> None:
    wrong = document.with_name("wrong.json")
    wrong.write_text(document.read_text().replace('"operationId": "auth_refresh"', '"operationId": "auth_sign_in"'))
    with pytest.raises(AssertionError, match="operation-operationId-unique"):
        clients.lint(wrong)


def test_a_typescript_client_compiles_strictly_and_does_the_main_job(stack: Stack, document: Path) -> None:
    guest = "typescript@example.org"
    done = clients.run(clients.typescript_client(document), stack.url, "owner@demo.test", PASSWORD, guest, document=document)
    assert done == [SAYS[0] % guest, SAYS[1]]


def test_a_python_client_does_the_main_job(stack: Stack, document: Path) -> None:
    guest = "python@example.org"
    done = clients.run(clients.python_client(document), stack.url, "owner@demo.test", PASSWORD, guest, document=document)
    assert done == [SAYS[0] % guest, SAYS[1]]
