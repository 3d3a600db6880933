"""A small typed client of Vigie, sync and async."""

from vigie_client.client import AsyncVigie, Vigie
from vigie_client.models import Decision, Intent, Label, Message, Result, VigieError

__all__ = ["AsyncVigie", "Decision", "Intent", "Label", "Message", "Result", "Vigie", "VigieError"]
