"""Who calls, and what they may."""

import hmac
from dataclasses import dataclass
from http import HTTPStatus

import anyio.to_thread
from pydantic import SecretStr

from labels.store.keys import Keys
from labels.store.scopes import Scope
from serving.api.problems import FieldError, Problem, invalid


@dataclass(frozen=True)
class Caller:
    """Who calls.

    ``name``: tells callers apart; a key's prefix.
    ``client``: the only client that the caller may name; None: any.
    ``rate``: messages per second, 0 is no limit; None: what the settings say.
    """

    name: str
    client: str | None
    scopes: frozenset[Scope]
    rate: float | None = None

    def need(self, scope: Scope) -> None:
        """Raises Problem (403) for what the caller may not do; ``admin`` may do everything."""
        if not self.scopes & {scope, Scope.ADMIN}:
            detail = f"this API key may not {scope}: it wants one made with `vigie keys add --scope {scope}`"
            raise Problem(HTTPStatus.FORBIDDEN, detail)

    def client_named(self, name: str | None) -> str | None:
        """The client that a request is about: the one that it names, else the caller's own.

        Raises Problem (403) for another than the caller's own, whether there is such a client or not.
        """
        if self.client is None or name in (None, self.client):
            return name or self.client
        error = FieldError("client", f"this API key is for the client {self.client!r} alone")
        raise invalid([error], HTTPStatus.FORBIDDEN)


OPERATOR = Caller("operator", None, frozenset({Scope.ADMIN}))
ANYONE = Caller("anyone", None, frozenset({Scope.ADMIN}))
"""Who calls a service that wants no key."""
NOBODY = Caller("nobody", None, frozenset())


async def recognise(authorization: str, operators_key: SecretStr | None, keys: Keys) -> Caller:
    """Who sends this ``Authorization`` header; a service wants a key once it is given or has made any.

    Raises Problem (401).
    """
    scheme, _, given = authorization.partition(" ")
    given = given.strip() if scheme.lower() == "bearer" else ""
    # Starlette reads headers as Latin-1: this gives back the bytes that were sent.
    if operators_key is not None and hmac.compare_digest(
        given.encode("latin-1"), operators_key.get_secret_value().encode()
    ):
        return OPERATOR
    caller = await anyio.to_thread.run_sync(_known, given, keys, operators_key is None)
    if caller is not None:
        return caller
    raise Problem(
        HTTPStatus.UNAUTHORIZED,
        "this service wants an API key, neither expired nor revoked: send `Authorization: Bearer <key>`",
        headers={"www-authenticate": "Bearer"},
    )


def _known(given: str, keys: Keys, open_without_keys: bool) -> Caller | None:
    key = keys.find(given)
    if key is not None:
        return Caller(key.prefix, key.client, key.scopes, key.rate)
    return ANYONE if open_without_keys and not keys.exist() else None
