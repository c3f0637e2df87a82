"""What outlives a deleted stack is imported into the next one; what is deleted with its stack is made anew."""

from infra.deployment import compose, survivors
from infra.deployment.stage import Stage


def test_only_what_a_stack_leaves_behind_is_imported() -> None:
    resources = compose.composed(Stage("trial"), "123456789012")["Resources"]
    named = {logical: next(iter(names)) for logical, one in resources.items() if (names := _names(one))}
    found = {one.logical for one in survivors._named(resources, set(named.values()))}
    assert found == {logical for logical in named if resources[logical].get("DeletionPolicy") == "Retain"}
    assert "Rosters" in found
    assert found < set(named), "the memory of requests is deleted with its stack"


def _names(resource: dict[str, object]) -> list[str]:
    key, properties = survivors.NAMES.get(str(resource["Type"])), resource.get("Properties")
    return [properties[key]] if key and isinstance(properties, dict) and isinstance(properties.get(key), str) else []
