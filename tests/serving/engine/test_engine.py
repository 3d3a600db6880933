import errno
import shutil
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.engine.artefact import (
    CHECKSUM_FILE,
    CONFIG_FILES,
    MODEL_FILE,
    SERVED_FILES,
    ArtefactError,
    TokenLimits,
    write_checksums,
)
from serving.engine.engine import Engine, Message
from serving.engine.language import foreign_letter


@pytest.fixture(scope="module")
def engine(tiny_artefact: Path) -> Engine:
    return Engine(tiny_artefact, threads=1)


def test_the_fast_tier_answers_from_the_lower_layers_and_says_so(engine: Engine, tiny_artefact: Path) -> None:
    fast = Engine(tiny_artefact, threads=1, tier="fast")
    [full_scores], [fast_scores] = (each.classify([Message("bonjour merci")]) for each in (engine, fast))
    assert (engine.config.version, fast.config.version) == ("tiny-0.0.1", "tiny-0.0.1-fast")
    assert engine.checksums == fast.checksums
    assert full_scores.labels != fast_scores.labels


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


@pytest.mark.parametrize(
    "text",
    [
        "你好吗 https://shop.example/products/abc",
        "你好吗https://shop.example/products/abc",
        "@marie_dupont_officiel 这个多少钱",
        "这个多少钱@marie_dupont_officiel",
        "สวัสดี @brandofficial",
        "这个多少钱 iPhone",
    ],
)
def test_links_handles_and_brands_do_not_make_a_script_read(engine: Engine, text: str) -> None:
    [scores] = engine.classify([Message(text)])
    assert scores.labels is None
    assert scores.language in ("zh", "th")


@pytest.mark.parametrize(
    "text", ["J'adore le mot 日本 dans ce titre", "https://shop.example/日本语", "@用户"]
)
def test_a_foreign_word_link_or_handle_stops_nothing(engine: Engine, text: str) -> None:
    [scores] = engine.classify([Message(text)])
    assert scores.labels is not None


def test_a_link_is_of_no_language(engine: Engine) -> None:
    link, question = engine.classify(
        [Message("www.shop.example"), Message("https://shop.example/products c combien")]
    )
    assert link.language is None
    assert question.language not in (None, "en")


def test_foreign_letters_are_those_of_other_scripts() -> None:
    assert foreign_letter(("Latin", "Greek")).findall("aé σ 日, д 36 😂") == ["日", "д"]


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


@pytest.mark.parametrize("held", [b"", b"\xff\xfe", b"nonsense\n", None])
def test_broken_checksums_are_told_as_such(tiny_artefact: Path, tmp_path: Path, held: bytes | None) -> None:
    folder = shutil.copytree(tiny_artefact, tmp_path / "model")
    sums = folder / CHECKSUM_FILE
    sums.write_bytes(sums.read_bytes()[:40] if held is None else held)
    with pytest.raises(ArtefactError, match=r"SHA256SUMS holds no checksum of model\.onnx.*Restore"):
        Engine(folder)


def test_a_file_that_cannot_be_read_is_named(tiny_artefact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> str:
        raise OSError(errno.EIO, "Input/output error", str(path))

    monkeypatch.setattr("serving.engine.artefact.sha256", fail)
    with pytest.raises(ArtefactError, match=r"model\.onnx cannot be read: Input/output error.*Restore"):
        Engine(tiny_artefact)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"overlap": 12}, "must be less"), ({"message": 0}, "message"), ({"context": -1}, "context")],
)
def test_token_limits_that_do_not_fit(wrong: dict[str, int], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        TokenLimits.model_validate({"message": 12, "overlap": 4, "context": 10, "context_entry": 6, **wrong})


@pytest.mark.parametrize("held", [b"{}", b"{", b"\xff"])
def test_a_broken_configuration_is_named(tiny_artefact: Path, tmp_path: Path, held: bytes) -> None:
    folder = shutil.copytree(tiny_artefact, tmp_path / "model")
    (folder / CONFIG_FILES["full"]).write_bytes(held)
    write_checksums(folder)
    with pytest.raises(ArtefactError, match=r"config.json is not a model configuration"):
        Engine(folder)
    assert (folder / MODEL_FILE).exists()
