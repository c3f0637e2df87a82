"""Jobs: long work goes step by step, each step a message in a queue; it may die at any point, and is done once."""

from chalicelib.operations.jobs.reading import JobPage, list_jobs, read_job
from chalicelib.operations.jobs.starting import start
from chalicelib.operations.jobs.working import Work, give_up, go_on, wake_left_behind

__all__ = [
    "JobPage",
    "Work",
    "give_up",
    "go_on",
    "list_jobs",
    "read_job",
    "start",
    "wake_left_behind",
]
