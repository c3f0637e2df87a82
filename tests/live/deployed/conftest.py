"""One deployment for all tests of this folder; the last test destroys it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.rehearsal.aws import running
from tests.live.deployed.deployment import PYTHON, Deployment, copy_of_the_project, deployed_onto, done, missing
from tests.live.http.conftest import Staff
from tests.live.stack import PASSWORD

OWNER = "owner@demo.test"
LAST = Path(__file__).with_name("test_destroy.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Move the test that destroys the deployment behind all others of this folder."""
    indexes = [index for index, item in enumerate(items) if LAST.parent in item.path.parents]
    for index, item in zip(indexes, sorted((items[index] for index in indexes), key=lambda item: item.path == LAST), strict=True):
        items[index] = item


@pytest.fixture(scope="package")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Rollbook on the emulated AWS. Required where CI is set."""
    home = tmp_path_factory.mktemp("deployed")
    if why := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    project = copy_of_the_project(home / "rollbook")
    python = str(project / PYTHON)
    with running(home / "aws", python=python) as aws, deployed_onto(aws, project) as deployment:
        yield deployment


@pytest.fixture(scope="package")
def staff(deployed: Deployment) -> Staff:
    """The owner of the organisation `demo`, whom the operator invited by e-mail."""
    done(deployed.infra("organisation", "create", "--id", "demo", "--name", "Demo", "--owner-email", OWNER))
    link = deployed.mail(OWNER)["text"].splitlines()[0]
    chosen = {"token": link.rpartition("/")[2], "password": PASSWORD, "password_confirmation": PASSWORD}
    assert deployed.call("POST", "/v1/auth/activate", chosen).status == 201
    return Staff(deployed, deployed.sign_in(OWNER))
