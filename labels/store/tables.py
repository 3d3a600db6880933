"""The tables, as the newest migration leaves them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Double, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from labels.taxonomy import IntentName, LabelName


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, in UTC in the database and out of it (SQLite keeps no offset)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables."""


class ClientRow(Base):
    """A client and its charter, plain JSON that serving reads."""

    __tablename__ = "clients"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    charter: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())


class ApiKeyRow(Base):
    """An API key, by its public beginning; rows are never deleted."""

    __tablename__ = "api_keys"

    prefix: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    client: Mapped[str | None] = mapped_column(ForeignKey("clients.name"))
    scopes: Mapped[list[Any]] = mapped_column(JSON)
    rate: Mapped[float | None] = mapped_column(Double)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime())


class SecretRow(Base):
    """A secret that Vigie made for itself."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    value: Mapped[str] = mapped_column(String(64))


class MessageRow(Base):
    """A message that was decided on; ``digest`` is that of its client and content."""

    __tablename__ = "messages"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.name"))
    id: Mapped[str] = mapped_column(String(256))
    text: Mapped[str] = mapped_column(Text)
    context: Mapped[list[dict[str, str | None]]] = mapped_column(JSON)
    channel: Mapped[str | None] = mapped_column(String(256))
    author: Mapped[str | None] = mapped_column(String(64))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    language: Mapped[str | None] = mapped_column(String(3))
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime())


class DecisionRow(Base):
    """A moderator's decision on a message; rows are never altered."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("client", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client: Mapped[str] = mapped_column(ForeignKey("clients.name"))
    key: Mapped[str] = mapped_column(String(256))
    digest: Mapped[str] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(ForeignKey("messages.digest"))
    labels: Mapped[dict[LabelName, bool]] = mapped_column(JSON)
    intent: Mapped[IntentName | None] = mapped_column(String(32))
    moderator: Mapped[str | None] = mapped_column(String(64))
    tool: Mapped[str | None] = mapped_column(String(256))
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime())
    model: Mapped[str | None] = mapped_column(String(256))
    shown: Mapped[dict[LabelName, float] | None] = mapped_column(JSON(none_as_null=True))
    seconds: Mapped[float | None] = mapped_column(Double)
    stored_at: Mapped[datetime] = mapped_column(UtcDateTime())
