"""Everything that the application stands on: tables, sign-in, the local stack, seed data."""
