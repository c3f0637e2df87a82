"""Jobs: long work in steps, each a message in a queue. A step may fail at any point, and its work is done once."""

from chalicelib.operations.jobs.queries import JobPage, list_jobs, read_job
from chalicelib.operations.jobs.run import Work, fail_job, resume_job, resume_stalled, run_step, wake
from chalicelib.operations.jobs.start import is_started, start, start_with
