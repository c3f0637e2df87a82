"""Importing a CSV file: what may come in, what each row means, what it would change."""
