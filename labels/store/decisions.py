"""What moderators decided, and on which messages: written once, never altered."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from labels.store.errors import StoreError
from labels.store.tables import Base, DecisionRow, MessageRow
from labels.taxonomy import IntentName, LabelName

Outcome = Literal["stored", "duplicate"]


class ConflictError(StoreError):
    """``keys`` were used before, for other decisions; nothing was stored."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"used before for another decision: {', '.join(map(repr, keys))}")
        self.keys = keys


@dataclass(frozen=True)
class StoredMessage:
    """A message as it was when it was decided on; ``author`` (also in ``context``) is a pseudonym.

    ``context``: messages before, oldest first, each ``{"text", "author"}``.
    """

    id: str
    text: str
    context: Sequence[Mapping[str, str | None]]
    channel: str | None
    author: str | None
    sent_at: datetime | None
    language: str | None


@dataclass(frozen=True)
class Decision:
    """What a moderator decided on a message; ``moderator`` is a pseudonym.

    ``key``: the tool's own name for the decision, unique to the client.
    ``labels``: what the message carries and what it does not; a label not named is unknown.
    ``model`` and ``shown``: the prediction, by label, that the moderator saw; None: none.
    ``seconds``: how long the moderator took.
    """

    key: str
    message: StoredMessage
    labels: Mapping[LabelName, bool]
    intent: IntentName | None
    moderator: str | None
    tool: str | None
    decided_at: datetime
    model: str | None
    shown: Mapping[LabelName, float] | None
    seconds: float | None


class Decisions:
    """The decisions in a database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, client: str, decisions: Sequence[Decision]) -> list[Outcome]:
        """Store a client's decisions, all or none; the outcome of each, in order.

        A decision that was stored before, or that stands twice in ``decisions``, is a ``duplicate``.
        Raises ConflictError when a key names two different decisions.
        """
        now = datetime.now(UTC)
        digests = [_digest(client, asdict(decision)) for decision in decisions]
        messages = [_message_row(client, decision.message, now) for decision in decisions]
        rows = [
            vars(decision)
            | {"client": client, "digest": digest, "message": message["digest"], "stored_at": now}
            for decision, digest, message in zip(decisions, digests, messages, strict=True)
        ]
        with Session(self._engine) as session, session.begin():
            # Writing before reading: whoever comes second waits here, and then sees what the first wrote.
            self._insert_new(session, MessageRow, messages, "digest")
            new = self._insert_new(session, DecisionRow, rows, "key")
            keys = [decision.key for decision in decisions]
            stored = select(DecisionRow.key, DecisionRow.digest).where(
                DecisionRow.client == client, DecisionRow.key.in_(keys)
            )
            known = dict(session.execute(stored).all())
            conflicts = [key for key, digest in zip(keys, digests, strict=True) if known[key] != digest]
            if conflicts:
                raise ConflictError(list(dict.fromkeys(conflicts)))
        outcomes: list[Outcome] = []
        for key in keys:
            outcomes.append("stored" if key in new else "duplicate")
            new.discard(key)
        return outcomes

    def of_client(self, client: str) -> list[Decision]:
        """A client's decisions, the earliest decided first."""
        in_order = (
            select(DecisionRow, MessageRow)
            .join(MessageRow, DecisionRow.message == MessageRow.digest)
            .where(DecisionRow.client == client)
            .order_by(DecisionRow.decided_at, DecisionRow.id)
        )
        with Session(self._engine) as session:
            return [_decision(decision, message) for decision, message in session.execute(in_order)]

    def _insert_new(
        self, session: Session, table: type[Base], rows: Sequence[dict[str, Any]], name: str
    ) -> set[str]:
        """Insert the rows that are not there yet; the names (a column) of those."""
        insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert
        statement = insert(table).on_conflict_do_nothing().returning(getattr(table, name))
        # In the same order everywhere: two calls at once with the same rows never wait for each other.
        return set(session.scalars(statement, sorted(rows, key=lambda row: row[name])))


def _digest(client: str, content: dict[str, Any]) -> str:
    """SHA-256 of the content, which is the same however it was written (time zones, order of keys)."""
    canonical = json.dumps([client, content], sort_keys=True, default=_utc)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _message_row(client: str, message: StoredMessage, now: datetime) -> dict[str, Any]:
    content = asdict(message)
    return content | {"client": client, "digest": _digest(client, content), "stored_at": now}


def _decision(row: DecisionRow, message: MessageRow) -> Decision:
    return Decision(
        key=row.key,
        message=StoredMessage(
            id=message.id,
            text=message.text,
            context=message.context,
            channel=message.channel,
            author=message.author,
            sent_at=message.sent_at,
            language=message.language,
        ),
        labels=row.labels,
        intent=row.intent,
        moderator=row.moderator,
        tool=row.tool,
        decided_at=row.decided_at,
        model=row.model,
        shown=row.shown,
        seconds=row.seconds,
    )
