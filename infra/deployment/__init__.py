"""A stage in an AWS account: one CloudFormation stack, the resources that Chalice makes from app.py, and all other settings."""
