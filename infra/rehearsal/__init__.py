"""A stand-in for AWS on which a real `make deploy` works, to rehearse it without an account. `python -m infra.rehearsal` starts it."""
