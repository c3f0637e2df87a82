"""A figure: its name, its result and its goal."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Figure:
    """`reached` is None for a figure without a goal, which serves as a comparison."""

    id: str
    what: str
    value: float
    unit: str
    goal: str = ""
    reached: bool | None = None


def at_most(id_: str, what: str, value: float, most: float, unit: str) -> Figure:
    return Figure(id_, what, round(value, 3), unit, f"≤ {most:g}", value <= most)


def at_least(id_: str, what: str, value: float, least: float, unit: str) -> Figure:
    return Figure(id_, what, round(value, 3), unit, f"≥ {least:g}", value >= least)


def show(figures: Iterable[Figure]) -> None:
    """Print the figures as a table and write them as JSON."""
    figures = list(figures)
    width = max(len(figure.what) for figure in figures)
    for figure in figures:
        verdict = {True: "reached", False: "NOT REACHED", None: ""}[figure.reached]
        print(f"{figure.id:4} {figure.what:{width}}  {figure.value:>10g} {figure.unit:12} {figure.goal:10} {verdict}")
    RESULTS.write_text(json.dumps([asdict(figure) for figure in figures], indent=1, ensure_ascii=False))
