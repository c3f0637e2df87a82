"""The people whom the organisation knows, and their groups."""
