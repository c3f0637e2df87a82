"""Our names of the resources that Chalice creates match Chalice's own."""

import json
from pathlib import Path

import pytest
from chalice.cli.factory import CLIFactory
from chalice.deploy.appgraph import ApplicationGraphBuilder, DependencyBuilder

import app
from infra.deployment import deployed_state, schedules
from infra.deployment.stage import HANDLERS, PROJECT
from tests.infra.deployment.conftest import STAGE

CONFIG = json.loads((PROJECT / ".chalice" / "config.json").read_text())


@pytest.fixture(scope="module")
def made() -> dict[str, object]:
    """The resources that Chalice would create, by name."""
    config = CLIFactory(str(PROJECT), environ={}).create_config_obj(STAGE.name)
    graph = ApplicationGraphBuilder().build(config, STAGE.name)
    return {model.resource_name: model for model in DependencyBuilder().build_dependencies(graph) if hasattr(model, "resource_name")}


def test_functions(made: dict[str, object]) -> None:
    assert {name: getattr(made[name], "function_name", None) for name in HANDLERS} == STAGE.functions
    assert {name for name, model in made.items() if hasattr(model, "function_name")} == set(HANDLERS)


def test_everything_that_chalice_remembers_can_be_recorded(made: dict[str, object], deployed: None) -> None:
    assert deployed_state.recorded_resources(STAGE).keys() == made.keys()
    assert {made[name].rule_name for name in schedules.RULES} == schedules.states(STAGE).keys()  # type: ignore[attr-defined]


def test_every_function_has_a_policy_of_its_own() -> None:
    files = [CONFIG["lambda_functions"][name]["iam_policy_file"] for name in HANDLERS]
    assert len(set(files)) == len(HANDLERS)
    assert all(Path(PROJECT, ".chalice", file).exists() for file in files)
    assert CONFIG["autogen_policy"] is False


@pytest.mark.parametrize("handler", [name for name in HANDLERS if name != "api_handler"])
def test_every_handler_that_is_declared_is_there_by_its_name(handler: str) -> None:
    assert callable(getattr(app, handler))
