"""A released model on disk: what it holds, and the checks before it may answer.

A version's folder never changes: ``SHA256SUMS`` lists every file that serving reads.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, PositiveInt, ValidationError, model_validator

from labels.errors import VigieError
from labels.taxonomy import IntentName, LabelName

Tier = Literal["full", "fast"]
"""How deep a message is read: by all of the encoder's layers, or by the lower ones alone."""

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILES: dict[Tier, str] = {"full": "config.json", "fast": "config.fast.json"}
CHECKSUM_FILE = "SHA256SUMS"
SERVED_FILES = (MODEL_FILE, TOKENIZER_FILE, *CONFIG_FILES.values())

_CHECKSUM_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


class ArtefactError(VigieError):
    """The model's files are missing or not what was released; the message says which and what to do."""


class Frozen(BaseModel):
    """A value that is checked once and never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Calibration(Frozen):
    """Platt scaling (Platt 1999): probability = sigmoid(scale * logit + offset)."""

    scale: float
    offset: float


class TokenLimits(Frozen):
    """How much of a message and of its context one encoder row holds, in tokens.

    A longer message is read in windows that share ``overlap`` tokens, fewer than a window holds.
    """

    message: PositiveInt
    overlap: PositiveInt
    context: PositiveInt
    context_entry: PositiveInt

    @model_validator(mode="after")
    def _windows_go_on(self) -> Self:
        if self.overlap >= self.message:
            raise ValueError(f"overlap ({self.overlap}) must be less than message ({self.message})")
        return self


class SpecialPieces(Frozen):
    """The vocabulary pieces that open a row, close a segment, pad, and stand for the unknown."""

    start: str
    end: str
    pad: str
    unknown: str


class ModelConfig(Frozen):
    """What serving has to know of a tier of a model, beside its graph and its tokenizer."""

    version: str
    labels: tuple[LabelName, ...]
    intents: tuple[IntentName, ...]
    calibration: dict[LabelName, Calibration]
    thresholds: dict[LabelName, float]
    tokens: TokenLimits
    special: SpecialPieces
    scripts: tuple[str, ...]
    languages: tuple[str, ...]


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path) -> None:
    """Write the checksum file over all that serving reads."""
    lines = [f"{sha256(folder / name)}  {name}\n" for name in SERVED_FILES]
    (folder / CHECKSUM_FILE).write_text("".join(lines), encoding="utf-8")


def verify(folder: Path) -> dict[str, str]:
    """Check every served file against the checksum file; returns the checksums by file name.

    Raises ArtefactError for a missing, unreadable, truncated or altered file.
    """
    advice = f"Restore {folder} from the release (git checkout, or install the package again)."
    for name in (CHECKSUM_FILE, *SERVED_FILES):
        if not (folder / name).is_file():
            raise ArtefactError(f"{folder / name} is missing. {advice}")
    try:
        expected = _read_checksums(folder / CHECKSUM_FILE)
        found = {name: sha256(folder / name) for name in SERVED_FILES}
    except OSError as error:
        raise ArtefactError(
            f"{error.filename or folder} cannot be read: {error.strerror}. {advice}"
        ) from error
    for name, digest in found.items():
        if name not in expected:
            raise ArtefactError(
                f"{folder / CHECKSUM_FILE} holds no checksum of {name}: truncated or altered. {advice}"
            )
        if expected[name] != digest:
            raise ArtefactError(
                f"{folder / name} does not match its checksum: truncated or altered. {advice}"
            )
    return expected


def _read_checksums(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {match[2]: match[1] for line in lines if (match := _CHECKSUM_LINE.fullmatch(line))}


def write_config(folder: Path, config: ModelConfig, tier: Tier) -> None:
    """Write the configuration of a tier of the model."""
    (folder / CONFIG_FILES[tier]).write_text(config.model_dump_json(indent=1) + "\n", encoding="utf-8")


def read_config(folder: Path, tier: Tier) -> ModelConfig:
    """The configuration of a tier of the model.

    Raises ArtefactError when it cannot be read as one.
    """
    path = folder / CONFIG_FILES[tier]
    try:
        return ModelConfig.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ArtefactError(f"{path} is not a model configuration: {error}") from error
