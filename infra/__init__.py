"""The infrastructure: tables, sign-in, deployment, the local stack, demo data."""
