"""Figures are explained, are all measured by `make bench`, and its results are kept with date and commit."""

import ast
import json
from pathlib import Path

import pytest

from bench import idle
from bench.figures import at_most, show

BENCH = Path(__file__).parent.parent / "bench"
README = (BENCH / "README.md").read_text()


@pytest.mark.parametrize("number", range(1, 20))
def test_every_figure_is_explained(number: int) -> None:
    assert f"\n| P{number} | " in README


def test_every_module_with_figures_is_run_and_explained() -> None:
    measured = {path.stem for path in BENCH.glob("*.py") if "\ndef figures(" in path.read_text()}
    run = {node.value.id for node in ast.walk(ast.parse((BENCH / "run.py").read_text())) if _is_figures(node)}  # type: ignore[attr-defined]
    assert measured == run
    assert [name for name in sorted(measured) if f"`bench/{name}.py`" not in README] == []


def _is_figures(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "figures" and isinstance(node.value, ast.Name)


def test_the_bench_is_a_module_that_its_other_process_can_import() -> None:
    """A process that is spawned does not find functions of `python -m bench` itself."""
    assert not [node for node in ast.parse((BENCH / "__main__.py").read_text()).body if isinstance(node, ast.FunctionDef)]


def test_results_are_kept_with_date_and_commit_the_latest_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = tmp_path / "results.json"
    results.write_text('[{"id": "P1", "what": "of another shape"}]')
    for value in (1, 3):
        show([at_most("P1", "x", value, 2, "requests")], results=results)
    latest, first = json.loads(results.read_text())
    assert [run["figures"][0]["reached"] for run in (latest, first)] == [False, True]
    assert latest["date"] >= first["date"] > "2026"
    assert latest["commit"]
    assert "NOT REACHED" in capsys.readouterr().out


@pytest.mark.parametrize(("passed", "waits"), [(0, 60), (59, 1), (60, 0), (3300, 0), (3301, 359), (3599, 61)])
def test_an_idle_stack_is_measured_between_two_recounts(passed: int, waits: int) -> None:
    assert idle.until_within_an_hour(500_000 * idle.HOUR_SECONDS + passed) == waits
