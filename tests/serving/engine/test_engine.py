import shutil
from pathlib import Path

import numpy as np
import pytest

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.engine.artefact import (
    CHECKSUM_FILE,
    CONFIG_FILE,
    MODEL_FILE,
    SERVED_FILES,
    ArtefactError,
    write_checksums,
)
from serving.engine.engine import Engine, Message


@pytest.fixture(scope="module")
def engine(tiny_artefact: Path) -> Engine:
    return Engine(tiny_artefact, threads=1)


def test_every_label_and_intent_is_scored_in_order(engine: Engine) -> None:
    messages = [Message("bonjour merci"), Message("colis"), Message("hello " * 30), Message("x", ["hello"])]
    together = engine.classify(messages)
    assert len(together) == len(messages)
    for message, scores in zip(messages, together, strict=True):
        alone = engine.classify([message])[0]
        assert scores.labels is not None
        assert alone.labels is not None
        assert tuple(scores.labels) == LABEL_NAMES
        assert scores.labels == pytest.approx(alone.labels, abs=1e-5)
        assert scores.intents is not None
        assert tuple(scores.intents) == INTENT_NAMES
        assert sum(scores.intents.values()) == pytest.approx(1)


def test_a_script_the_model_does_not_read_is_not_guessed(engine: Engine) -> None:
    read, unread = engine.classify([Message("bonjour"), Message("日本の店はどこですか")])
    assert read.labels is not None
    assert unread.labels is None
    assert unread.intents is None
    assert unread.language == "ja"


def test_emoji_and_digits_are_no_foreign_script(engine: Engine) -> None:
    emoji, digits = engine.classify([Message("😂😂"), Message("36")])
    assert emoji.labels is not None
    assert digits.labels is not None
    assert emoji.language is None


def test_no_messages_give_no_scores(engine: Engine) -> None:
    assert engine.classify([]) == []


def test_context_is_read(engine: Engine) -> None:
    alone, in_context = engine.classify([Message("merci"), Message("merci", ["hello colis"])])
    assert alone.labels != in_context.labels


def test_raw_gives_a_row_a_window(engine: Engine) -> None:
    short, long = engine.raw([Message("merci"), Message("abcdefghijklmnopqrstuvwxyz")])
    assert short.label_logits.shape == (1, len(LABEL_NAMES))
    assert len(long.vector) > 1
    assert np.isfinite(long.vector).all()


@pytest.mark.parametrize("name", [*SERVED_FILES, CHECKSUM_FILE])
def test_a_missing_file_is_named(tiny_artefact: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(tiny_artefact, tmp_path / "model")
    (folder / name).unlink()
    with pytest.raises(ArtefactError, match=rf"{name} is missing.*Restore"):
        Engine(folder)


@pytest.mark.parametrize("name", SERVED_FILES)
def test_an_altered_or_truncated_file_is_named(tiny_artefact: Path, tmp_path: Path, name: str) -> None:
    folder = shutil.copytree(tiny_artefact, tmp_path / "model")
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(ArtefactError, match=rf"{name} does not match its checksum.*Restore"):
        Engine(folder)


def test_a_broken_configuration_is_named(tiny_artefact: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_artefact, tmp_path / "model")
    (folder / CONFIG_FILE).write_text("{}")
    write_checksums(folder)
    with pytest.raises(ArtefactError, match=r"config.json is not a model configuration"):
        Engine(folder)
    assert (folder / MODEL_FILE).exists()
