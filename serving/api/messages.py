"""What a caller sends: the request's models, and the checks that settings rule."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

import regex
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from serving.api.problems import MAX_FIELD_ERRORS, FieldError
from serving.engine.batcher import Priority
from serving.engine.engine import Message
from serving.settings import Settings

_VISIBLE = regex.compile(r"[^\s\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}]")
_SURROGATE = regex.compile(r"\p{Cs}")
_TIMESTAMP = regex.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


def _plain(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("null_byte", "must not hold a null byte (U+0000)")
    if _SURROGATE.search(value):
        raise PydanticCustomError("string_unicode", "holds a lone surrogate")
    return value


def _entry(value: Any) -> Any:
    if isinstance(value, str):
        return {"text": value}
    if not isinstance(value, dict):
        raise PydanticCustomError("context_entry", "must be a string or an object with author and text")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise PydanticCustomError("timestamp", "lies outside of the years 1 to 9999 in UTC") from error


def _timestamp(value: Any) -> Any:
    # Pydantic alone would take a number, in a string or not, for seconds since 1970.
    if not isinstance(value, str) or not _TIMESTAMP.match(value):
        raise PydanticCustomError("timestamp", "must be an RFC 3339 date and time, with its offset")
    return value


Text = Annotated[str, AfterValidator(_plain)]
Timestamp = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_timestamp), AfterValidator(_in_utc)
]
Name = Annotated[Text, Field(min_length=1, max_length=256)]


class Strict(BaseModel):
    """What a caller sends: nothing is converted, nothing unknown is let by."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ContextEntry(Strict):
    """A message before the one to classify; a plain string counts as its text."""

    text: Text
    author: Name | None = None

    def rendered(self) -> str:
        """The entry as the model reads it."""
        return self.text if self.author is None else f"{self.author}: {self.text}"


class IncomingMessage(Strict):
    """A message to classify; ``context`` is oldest first."""

    id: Name = Field(description="The caller's own name for the message, unique in the request.")
    text: Text = Field(description="What is classified: one visible character at least.")
    context: list[
        Annotated[ContextEntry, BeforeValidator(_entry, json_schema_input_type=str | ContextEntry)]
    ] = Field(default_factory=list, description="The post and the messages before, oldest first.")
    channel: Name | None = Field(default=None, description="Where it was written.")
    author: Name | None = Field(default=None, description="Who wrote it.")
    sent_at: Timestamp | None = Field(
        default=None, description="When it was written: RFC 3339, with its offset."
    )
    language: str | None = Field(
        default=None, pattern="^[a-z]{2,3}$", description="ISO 639 code; null: Vigie finds out."
    )

    def chars(self) -> int:
        """The characters that the model is given to read."""
        return len(self.text) + sum(len(entry.rendered()) for entry in self.context)

    def to_engine(self) -> Message:
        """The message as the engine takes it."""
        return Message(self.text, tuple(entry.rendered() for entry in self.context), self.language)


class ClassifyRequest(Strict):
    """Messages to classify under one client's charter."""

    client: Name | None = Field(default=None, description="Whose charter rules; null: the default charter.")
    messages: list[IncomingMessage] = Field(min_length=1)
    priority: Priority = Field(
        default="normal", description="Who goes first when the service is busy; no message waits for ever."
    )


def is_visible(text: str) -> bool:
    """Whether something can be seen of a text, and so is left of it in its normal form."""
    return _VISIBLE.search(text) is not None


def check_message(message: IncomingMessage, settings: Settings) -> Iterator[FieldError]:
    """What is wrong with a message."""
    longest = settings.max_text_chars
    too_long = f"holds more than {longest} characters"
    if len(message.text) > longest:
        yield FieldError("text", too_long)
    elif not is_visible(message.text):
        yield FieldError("text", "must hold at least one visible character")
    if len(message.context) > settings.max_context_entries:
        yield FieldError("context", f"holds more than {settings.max_context_entries} entries")
    for index, entry in enumerate(message.context):
        if len(entry.text) > longest:
            yield FieldError(f"context.{index}.text", too_long)


def check_messages(messages: Sequence[IncomingMessage], settings: Settings) -> list[FieldError]:
    """What is wrong with a request's messages, as far as a problem tells it."""
    if len(messages) > settings.max_messages:
        return [FieldError("messages", f"holds more than {settings.max_messages} messages")]
    errors = list(islice(_check_each(messages, settings), MAX_FIELD_ERRORS))
    return errors or check_chars("messages", messages, settings)


def check_chars(field: str, messages: Iterable[IncomingMessage], settings: Settings) -> list[FieldError]:
    """What is wrong with a field whose messages hold too much together."""
    chars = sum(message.chars() for message in messages)
    if chars <= settings.max_request_chars:
        return []
    detail = f"hold {chars} characters, contexts included: {settings.max_request_chars} at most"
    return [FieldError(field, detail)]


def _check_each(messages: Sequence[IncomingMessage], settings: Settings) -> Iterator[FieldError]:
    first: dict[str, int] = {}
    for index, message in enumerate(messages):
        if first.setdefault(message.id, index) != index:
            yield FieldError(f"messages.{index}.id", f"is that of messages.{first[message.id]} too")
        for error in check_message(message, settings):
            yield FieldError(f"messages.{index}.{error.field}", error.detail)
