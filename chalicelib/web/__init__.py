"""The HTTP layer that API and pages share: requests, authentication, routes and refusals."""
