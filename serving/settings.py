"""What an operator may set: environment variables ``VIGIE_*``, read when ``Settings()`` is made."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

import serving
from serving.engine.artefact import Tier
from serving.logs import LogFormat, LogLevel

_ORIGIN = re.compile(r"\*|https?://[^/\s,]+")

RELEASED = "vigie-base-1.1.0"


def released_model() -> Path:
    """The folder of the released model, beside the packages."""
    return Path(str(serving.__file__)).resolve().parent.parent / "model_cards" / RELEASED


class Settings(BaseSettings):
    """The service's settings; an empty variable counts as unset.

    Raises pydantic.ValidationError when a variable does not fit.
    """

    model_config = SettingsConfigDict(env_prefix="VIGIE_", env_ignore_empty=True, frozen=True, extra="forbid")

    model: Path = Field(default_factory=released_model, description="Folder of the model that answers.")
    tier: Tier = Field(
        default="full", description="`fast` answers from the lower layers alone: faster, a little less exact."
    )
    host: str = Field(
        default="127.0.0.1", description="Address to listen on; any but loopback wants an API key."
    )
    port: int = Field(default=8080, ge=0, le=65535, description="TCP port to listen on; 0 takes a free one.")
    database: str = Field(
        default="sqlite:///vigie.db", description="SQLAlchemy URL of the database, SQLite or PostgreSQL."
    )
    lanes: int = Field(
        default=0, ge=0, description="Batches that run at the same time; 0: measured at start."
    )
    threads: int = Field(
        default=0, ge=0, description="CPU threads of each batch; 0: the cores shared among the lanes."
    )
    max_queued_tokens: int = Field(
        default=200_000, gt=0, description="Tokens that may wait; beyond, requests get a 429."
    )
    cache_entries: int = Field(
        default=10_000, gt=0, description="Messages whose scores are remembered, some 2 kB each."
    )
    deadline_seconds: float = Field(
        default=30.0, gt=0, description="How long a request may wait for its answer, at most."
    )
    api_key: SecretStr | None = Field(
        default=None, description="The operator's own key, which may do everything."
    )
    rate_messages_per_second: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="Messages a second for each API key; 0: no limit.",
    )
    rate_burst: int = Field(
        default=256, gt=0, description="Messages that a key that has been quiet may send at once."
    )
    pseudonym_secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What pseudonyms are made with; without it, one is made and kept in the database.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins, separated by commas, whose web pages may call; `*` is all."
    )
    max_messages: int = Field(default=256, gt=0, description="Messages in a request, at most.")
    max_text_chars: int = Field(
        default=20_000, gt=0, description="Characters in a text or a context entry, at most."
    )
    max_request_chars: int = Field(
        default=200_000, gt=0, description="Characters in all texts and contexts of a request, at most."
    )
    max_context_entries: int = Field(default=50, ge=0, description="Context entries of a message, at most.")
    max_body_bytes: int = Field(default=4 * 2**20, gt=0, description="Bytes in a request's body, at most.")
    max_ndjson_bytes: int = Field(default=256 * 2**20, gt=0, description="Bytes in an NDJSON body, at most.")
    log_format: LogFormat = Field(default="text", description="Lines on stderr: `text`, or `json`.")
    log_level: LogLevel = Field(
        default="info", description="What is logged, at least: `debug`, `info`, `warning` or `error`."
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern="^https?://",
        description="Base URL of an OpenTelemetry collector (OTLP over HTTP) that traces are sent to.",
    )
    shutdown_seconds: int = Field(
        default=30, ge=0, description="Seconds that open requests have to be answered in at SIGTERM."
    )

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _origins(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        origins = tuple(part.strip() for part in given.split(",") if part.strip())
        if wrong := [origin for origin in origins if not _ORIGIN.fullmatch(origin)]:
            raise ValueError(f"{wrong[0]!r} is not an origin: write `https://host` or `https://host:port`")
        return origins

    @field_validator("api_key")
    @classmethod
    def _without_blanks(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None:
            return None
        stripped = key.get_secret_value().strip()
        if not stripped:
            raise ValueError("must not be blank")
        return SecretStr(stripped)
