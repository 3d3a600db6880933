"""From a recipe to a served artefact, with a tiny encoder and invented messages."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

from labels.taxonomy import LABEL_NAMES
from serving.engine.engine import Engine, Message
from tests.tiny import tiny_encoder, tiny_tokenizer
from tests.training.invented import row, source
from training import corpus as corpus_module
from training import run as run_module
from training.artefact import build_artefact
from training.recipe import RecipeError
from training.run import FACTS_FILE, load_or_build_corpus, start_or_resume

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
random_context = 0.1
intent_weight = 0.3
precision = "fp32"
checkpoint_steps = 2

[export]
reduce_range = true

[thresholds]
false_alarm_rate = 0.3
"""

_WORDS = ("bonjour", "merci", "colis", "commande", "hello", "abc", "dix", "onze", "midi", "minuit")


@pytest.fixture
def encoder_folder(tmp_path: Path) -> Path:
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
    sources = {"invented": source("invented", rows)}
    monkeypatch.setattr(corpus_module, "all_sources", lambda: sources)
    monkeypatch.setattr(corpus_module, "get_source", sources.__getitem__)

    def write(seed: int) -> Path:
        path = tmp_path / f"recipe-{seed}.toml"
        path.write_text(RECIPE.format(encoder=encoder_folder, seed=seed))
        return path

    return write


def test_a_recipe_becomes_a_model_that_serves(write_recipe: Callable[[int], Path], tmp_path: Path) -> None:
    run = tmp_path / "run"
    recipe = start_or_resume(write_recipe(1), run)
    checks = build_artefact(recipe, run, tmp_path / "artefact")
    assert checks.max_probability_difference <= 1e-3
    engine = Engine(tmp_path / "artefact")
    assert engine.config.version == "tiny-1.0.0"
    assert all(0.05 <= threshold <= 0.95 for threshold in engine.config.thresholds.values())
    [scores] = engine.classify([Message("colis merci")])
    assert scores.labels is not None
    assert json.loads((run / FACTS_FILE).read_text())["seed"] == "1"


def test_a_finished_run_is_not_trained_again(
    write_recipe: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_recipe(1)
    recipe = start_or_resume(path, tmp_path / "run")
    corpus = load_or_build_corpus(recipe, tmp_path / "run")

    def never(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(run_module, "finetune", never)
    monkeypatch.setattr(run_module, "build_corpus", never)
    assert start_or_resume(path, tmp_path / "run") == recipe
    assert load_or_build_corpus(recipe, tmp_path / "run") == corpus


def test_a_run_belongs_to_one_recipe(write_recipe: Callable[[int], Path], tmp_path: Path) -> None:
    start_or_resume(write_recipe(1), tmp_path / "run")
    with pytest.raises(RecipeError, match="run of another recipe"):
        start_or_resume(write_recipe(2), tmp_path / "run")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 5", "sead = 5", r"corpus.seed: Field required.*corpus.sead"),
        ("checkpoint_steps = 2", "checkpoint_steps = 0", "training.checkpoint_steps"),
        ("[export]", "[export", "is not TOML"),
    ],
)
def test_a_wrong_recipe_is_named(
    write_recipe: Callable[[int], Path], tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = write_recipe(1)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(RecipeError, match=message):
        start_or_resume(path, tmp_path / "run")


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no such recipe"):
        start_or_resume(tmp_path / "none.toml", tmp_path / "run")
