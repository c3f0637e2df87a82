"""The only DynamoDB code: the key chart, items and models, named conditions and what their failure means."""
