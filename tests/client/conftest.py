"""The service's own fixtures."""

from tests.serving.conftest import engine, settings, store

__all__ = ["engine", "settings", "store"]
