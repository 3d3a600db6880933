"""Names for people that tell them apart, and nothing else about them."""

import hashlib
import hmac
from typing import Literal


class Pseudonyms:
    """A person's pseudonym is a keyed hash (HMAC-SHA256): without the secret, nobody can try names out.

    The same person is another in another client's data, and as a moderator another than as an author.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def of(self, client: str, role: Literal["author", "moderator"], person: str) -> str:
        """The pseudonym, 64 hexadecimal digits, of a person, whose name holds no null byte."""
        return hmac.new(self._secret, f"{client}\0{role}\0{person}".encode(), hashlib.sha256).hexdigest()
