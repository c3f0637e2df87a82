"""Rollbook beside pretix, in one run: `make compare`. pretix is fetched, pinned, run in an environment of its own, and not shipped."""

from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")
