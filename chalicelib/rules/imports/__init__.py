"""Imports of CSV files: reading, checking each row, and comparing it with the stored data."""
