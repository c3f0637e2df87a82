"""All DynamoDB code: the key chart, the codec between items and models, and named conditions with the meaning of a failure."""
