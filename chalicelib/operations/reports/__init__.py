"""Reports: read from the figures, and given as CSV or as a picture."""

from chalicelib.operations.reports.overview import Overview, read_overview
from chalicelib.operations.reports.picture import draw
from chalicelib.operations.reports.read import export_report, read_report
