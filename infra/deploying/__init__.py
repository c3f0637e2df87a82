"""A stage in an AWS account: one CloudFormation stack, what Chalice makes of app.py, and what neither of them does."""
