"""Importing a file, page by page: choose it, see what is wrong with it or what it would change, complete it, follow it."""
