"""API keys: who may call, for which client, and until when."""

import hashlib
import hmac
import math
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from sqlalchemy import Engine, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from labels.store.errors import StoreError
from labels.store.scopes import Scope
from labels.store.tables import ApiKeyRow, ClientRow

_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_PREFIX = re.compile(r"vigie_[0-9a-f]{12}")
_KEY = re.compile(rf"({_PREFIX.pattern})_[A-Za-z0-9_-]{{43}}")
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key; times are in UTC.

    ``prefix``: the key's beginning, which is no secret.
    ``client``: the one client that it is for; None, of an ``admin`` key, is all.
    ``rate``: messages per second; 0 is no limit, None what the service's settings say.
    ``used_at``: within a minute.
    """

    prefix: str
    client: str | None
    scopes: frozenset[Scope]
    rate: float | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None

    def state(self, now: datetime) -> Literal["live", "expired", "revoked"]:
        """Whether the key opens at ``now``."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "live"


class Keys:
    """The keys in a database. Of each, only the SHA-256 is kept.

    A key holds 256 random bits: there is nothing to guess, so the slowness and the salt that protect
    passwords would protect nothing here, and would cost every call dearly. A plain hash, which cannot be
    turned back, is enough.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        client: str | None,
        scopes: Iterable[Scope],
        *,
        lifetime: timedelta | None = None,
        rate: float | None = None,
    ) -> tuple[str, ApiKey]:
        """Make a key; the first value, the key itself, is never to be had again.

        Raises StoreError for a client that is not there, a rate that is none, and scopes that do not fit:
        ``admin`` is for all clients, the others are for one.
        """
        wanted = frozenset(scopes)
        if not wanted or (Scope.ADMIN in wanted) != (client is None):
            raise StoreError(
                "a key is for one client with the scopes classify or decide, or for all with admin"
            )
        if rate is not None and not 0 <= rate < math.inf:
            raise StoreError("a key's rate is a number of messages a second, 0 or more")
        now = datetime.now(UTC)
        prefix = f"vigie_{secrets.token_hex(_PREFIX_BYTES)}"
        key = f"{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
        row = ApiKeyRow(
            prefix=prefix,
            digest=_digest(key),
            client=client,
            scopes=sorted(wanted),
            rate=rate,
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        with Session(self._engine) as session, session.begin():
            if client is not None and session.get(ClientRow, client) is None:
                raise StoreError(f"there is no client {client!r}: add it with `vigie clients add {client}`")
            session.add(row)
            session.flush()
            return key, _api_key(row)

    def find(self, key: str) -> ApiKey | None:
        """What is known of a key that opens now, and note its use; None for any other.

        The row is looked up by the prefix, which is no secret; the hashes are compared in constant time.
        """
        shaped = _KEY.fullmatch(key)
        if shaped is None:
            return None
        now = datetime.now(UTC)
        with Session(self._engine) as session:
            row = session.get(ApiKeyRow, shaped[1])
            if row is None or not hmac.compare_digest(row.digest, _digest(key)):
                return None
            found = _api_key(row)
        if found.state(now) != "live":
            return None
        if found.used_at is None or found.used_at <= now - _USE_NOTED_EVERY:
            self._note_use(found.prefix, now)
        return found

    def exist(self) -> bool:
        """Whether any key was ever made: also of revoked ones, so that revoking never opens the door."""
        with Session(self._engine) as session:
            return session.scalar(select(ApiKeyRow.prefix).limit(1)) is not None

    def list(self) -> list[ApiKey]:
        """All keys, the oldest first."""
        oldest_first = select(ApiKeyRow).order_by(ApiKeyRow.created_at, ApiKeyRow.prefix)
        with Session(self._engine) as session:
            return [_api_key(row) for row in session.scalars(oldest_first)]

    def revoke(self, prefix: str) -> ApiKey:
        """Make a key open nothing from now on; one that is revoked already stays as it is.

        Raises StoreError when there is no key with exactly that prefix.
        """
        with Session(self._engine) as session, session.begin():
            row = session.get(ApiKeyRow, prefix) if _PREFIX.fullmatch(prefix) else None
            if row is None:
                # Not quoting what may be a whole key.
                raise StoreError("there is no key with that prefix: `vigie keys list` shows them")
            row.revoked_at = row.revoked_at or datetime.now(UTC)
            session.flush()
            return _api_key(row)

    def _note_use(self, prefix: str, now: datetime) -> None:
        due = or_(ApiKeyRow.used_at.is_(None), ApiKeyRow.used_at <= now - _USE_NOTED_EVERY)
        noting = update(ApiKeyRow).where(ApiKeyRow.prefix == prefix, due).values(used_at=now)
        try:
            with Session(self._engine) as session, session.begin():
                session.execute(noting)
        except OperationalError:
            # A database that somebody else is writing to at length must not turn callers away.
            return


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _api_key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        prefix=row.prefix,
        client=row.client,
        scopes=frozenset(map(Scope, row.scopes)),
        rate=row.rate,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
