"""The figures: `make bench` prints them and writes bench/results.json. Ratios and counts, measured in one run."""

import os

os.environ.setdefault("POWERTOOLS_METRICS_DISABLED", "true")
os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "CRITICAL")
