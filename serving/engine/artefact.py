"""A released model on disk: what it holds, and the checks before it may answer.

A version's folder never changes: ``SHA256SUMS`` lists every file that serving reads.
"""

import hashlib
import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from labels.taxonomy import IntentName, LabelName

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
CONFIG_FILE = "config.json"
CHECKSUM_FILE = "SHA256SUMS"
SERVED_FILES = (MODEL_FILE, TOKENIZER_FILE, CONFIG_FILE)


class ArtefactError(Exception):
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

    A longer message is read in windows that share ``overlap`` tokens.
    """

    message: int
    overlap: int
    context: int
    context_entry: int


class SpecialPieces(Frozen):
    """The vocabulary pieces that open a row, close a segment, pad, and stand for the unknown."""

    start: str
    end: str
    pad: str
    unknown: str


class ModelConfig(Frozen):
    """What serving has to know of a model, beside its graph and its tokenizer."""

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

    Raises ArtefactError for a missing, truncated or altered file.
    """
    advice = f"Restore {folder} from the release (git checkout, or install the package again)."
    sums = folder / CHECKSUM_FILE
    if not sums.is_file():
        raise ArtefactError(f"{sums} is missing. {advice}")
    expected = {
        name: digest for digest, _, name in (line.partition("  ") for line in sums.read_text().splitlines())
    }
    for name in SERVED_FILES:
        path = folder / name
        if not path.is_file():
            raise ArtefactError(f"{path} is missing. {advice}")
        if expected.get(name) != sha256(path):
            raise ArtefactError(f"{path} does not match its checksum: truncated or altered. {advice}")
    return expected


def read_config(folder: Path) -> ModelConfig:
    """The model's configuration.

    Raises ArtefactError when it cannot be read as one.
    """
    path = folder / CONFIG_FILE
    try:
        return ModelConfig.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError) as error:
        raise ArtefactError(f"{path} is not a model configuration: {error}") from error
