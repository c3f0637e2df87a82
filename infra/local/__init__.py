"""Rollbook on one computer: the application, an embedded AWS, streams and schedules, a mailbox. `python -m infra.local` starts it."""
