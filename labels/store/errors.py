"""What goes wrong in the store."""

from labels.errors import VigieError


class StoreError(VigieError):
    """The database cannot be opened, or refuses what is asked; the message says what to do."""
