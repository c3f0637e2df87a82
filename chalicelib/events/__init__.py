"""Lambda handlers of events other than HTTP: streams, the job queue, SES events and the schedule."""
