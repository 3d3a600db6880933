"""A recipe for a run of seconds: a tiny encoder and invented messages."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from labels.taxonomy import LABEL_NAMES
from tests.tiny import tiny_encoder, tiny_tokenizer
from tests.training.invented import register, row, source

RECIPE = """
version = "tiny-1.0.0"
encoder = "{encoder}"

[tokens]
message = 12
overlap = 4
context = 10
context_entry = 6

[corpus]
seed = 5
negatives_per_positive = 8.0
validation_share = 0.5

[corpus.rows]
invented = 100

[training]
seed = {seed}
epochs = 1
batch_tokens = 128
learning_rate = 5e-3
head_learning_rate = 5e-2
layer_decay = 0.9
warmup_share = 0.1
weight_decay = 0.01
train_embeddings = true
dropout = 0.1
random_context = 0.1
disguised = 0.2
intent_weight = 0.3
fast_layers = 1
fast_weight = 0.5
precision = "fp32"
checkpoint_steps = 2

[export]
reduce_range = true

[thresholds]
false_alarm_rate = 0.3
everyday_false_alarm_rate = 0.5
"""

_WORDS = ("bonjour", "merci", "colis", "commande", "hello", "abc", "dix", "onze", "midi", "minuit")


@pytest.fixture
def encoder_folder(tmp_path: Path) -> Path:
    """A tiny encoder in Hugging Face form."""
    folder = tmp_path / "encoder"
    tokenizer = tiny_tokenizer()
    tiny_encoder(len(tokenizer["model"]["vocab"])).save_pretrained(folder)
    PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(tokenizer)),
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
    ).save_pretrained(folder)
    return folder


@pytest.fixture
def write_recipe(
    tmp_path: Path, encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], Path]:
    rows = [
        row(
            number,
            f"{_WORDS[number % 10]} {_WORDS[number // 10]} {number}",
            dict.fromkeys(LABEL_NAMES, float(number % 2)),
            split="validation" if number % 5 == 0 else "train",
            intent="order_delivery" if number % 2 else None,
        )
        for number in range(100)
    ]
    register(monkeypatch, source("invented", rows))

    def write(seed: int) -> Path:
        path = tmp_path / f"recipe-{seed}.toml"
        path.write_text(RECIPE.format(encoder=encoder_folder, seed=seed))
        return path

    return write
