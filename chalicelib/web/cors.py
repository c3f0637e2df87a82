"""CORS for the API: any origin is allowed, since the API takes tokens from a header and never reads a cookie."""

from chalice import CORSConfig

CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["Accept-Language", "Idempotency-Key", "If-Match"],
    expose_headers=["etag, location, retry-after, idempotent-replayed"],
    max_age=2 * 60 * 60,
)
"""Chalice also allows Authorization and Content-Type."""
