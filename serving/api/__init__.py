"""The HTTP API: one concept a module."""
