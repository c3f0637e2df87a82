"""One deployment for all tests of this folder; the last of them takes it away."""

import os
from collections.abc import Iterator

import pytest

from infra.rehearsal.aws import running
from tests.live.deployed.deployment import Deployment, copy_of_the_project, deploy, done, missing
from tests.live.http.conftest import Staff
from tests.live.stack import PASSWORD

OWNER = "owner@demo.test"


@pytest.fixture(scope="package")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """Rollbook on the stand-in for AWS. Where CI is set it must be there."""
    home = tmp_path_factory.mktemp("deployed")
    if why := missing(home / "fetched"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    project = copy_of_the_project(home / "rollbook")
    with running(home / "aws") as aws:
        yield deploy(project, aws)


@pytest.fixture(scope="package")
def staff(deployed: Deployment) -> Staff:
    """The owner of the organisation `demo`, whom the operator has invited by e-mail."""
    done(deployed.infra("organisation", "create", "--id", "demo", "--name", "Demo", "--owner-email", OWNER))
    link = deployed.mail(OWNER, within=60)["text"].splitlines()[0]
    chosen = {"token": link.rpartition("/")[2], "password": PASSWORD, "password_confirmation": PASSWORD}
    assert deployed.call("POST", "/v1/auth/activate", chosen).status == 201
    return Staff(deployed, deployed.sign_in(OWNER))
