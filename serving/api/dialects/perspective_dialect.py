"""Perspective's protocol as a whole."""

from serving.api.dialects import perspective, perspective_suggest
from serving.api.dialects.dialect import Dialect
from serving.api.dialects.perspective_discovery import VERSION

PERSPECTIVE = Dialect(
    (perspective.router, perspective_suggest.router, perspective.discovery_router),
    (f"/{VERSION}", "/$discovery"),
    perspective.perspective_error,
)
