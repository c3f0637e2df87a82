"""The HTTP contract in JSON: routes, what they answer, and its description."""
