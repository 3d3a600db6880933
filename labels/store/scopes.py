"""What an API key may do."""

from enum import StrEnum


class Scope(StrEnum):
    """Classify messages, store moderators' decisions, or everything."""

    CLASSIFY = "classify"
    DECIDE = "decide"
    ADMIN = "admin"
