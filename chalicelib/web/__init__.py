"""What API and pages share of HTTP: the call, who makes it, what a refusal answers."""
