"""Imports, page by page: upload, issues and preview, completion, progress."""
