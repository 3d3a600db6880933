"""One training run, from a recipe to a fine-tuned model in a folder; goes on where it was cut off.

A run's folder holds the recipe, the corpus as it was drawn, the tokenizer, checkpoints and weights.
"""

import gzip
import json
import logging
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
import transformers
from transformers import PreTrainedModel

from serving.engine.artefact import TOKENIZER_FILE, SpecialPieces
from serving.engine.tokens import MessageTokenizer
from training.checkpoint import has_checkpoint
from training.corpus import Corpus, LabelCount, SourceCount, build_corpus
from training.corpus_tables import corpus_tables
from training.files import replace_file
from training.finetune import (
    ORIGIN_FILE,
    SPECIAL_FILE,
    WEIGHTS_FILE,
    empty_encoder,
    finetune,
    prepare_encoder,
    save_trained,
)
from training.recipe import Recipe, RecipeError, read_recipe
from training.sources.base import Example

logger = logging.getLogger(__name__)

RECIPE_FILE = "recipe.toml"
FACTS_FILE = "facts.json"
_COUNTS_FILE = "corpus.json"


def start_or_resume(recipe_path: Path, run: Path) -> Recipe:
    """Fine-tune ``recipe_path`` in the folder ``run``, or go on with it.

    Raises RecipeError when the folder belongs to another recipe.
    """
    recipe = read_recipe(recipe_path)
    run.mkdir(parents=True, exist_ok=True)
    kept = run / RECIPE_FILE
    if kept.exists() and read_recipe(kept) != recipe:
        raise RecipeError(f"{run} holds a run of another recipe; name another folder, or remove this one")
    kept.write_bytes(recipe_path.read_bytes())
    corpus = load_or_build_corpus(recipe, run)
    if (run / WEIGHTS_FILE).exists():
        logger.info("%s is already trained", run)
        return recipe
    start = time.monotonic()
    encoder = _encoder(recipe, corpus, run)
    model = finetune(encoder, run_tokenizer(recipe, run), corpus.train, recipe.training, run)
    _write_facts(recipe, time.monotonic() - start, run)
    save_trained(model, run)
    return recipe


def _write_facts(recipe: Recipe, seconds: float, run: Path) -> None:
    """What the card says of the run; seconds are of its last sitting where it was cut off and resumed."""
    facts = {
        "encoder": recipe.encoder,
        "its weights from": (run / ORIGIN_FILE).read_text(encoding="utf-8"),
        "seed": str(recipe.training.seed),
        "fine-tuning, minutes (last sitting)": f"{seconds / 60:.0f}",
        "machine": f"{os.cpu_count()} CPU cores, {platform.machine()}, {recipe.training.precision}",
        "libraries": f"torch {torch.__version__}, transformers {transformers.__version__}",
    }
    replace_file(run / FACTS_FILE, json.dumps(facts, indent=1) + "\n")


def _encoder(recipe: Recipe, corpus: Corpus, run: Path) -> PreTrainedModel:
    if has_checkpoint(run):  # its weights are the encoder's, whatever was pretrained
        return empty_encoder(run)
    texts = (text for example in corpus.train for text in (example.text, *example.context))
    return prepare_encoder(recipe, texts, run).model


def run_tokenizer(recipe: Recipe, run: Path) -> MessageTokenizer:
    """The tokenizer of a run."""
    return MessageTokenizer(run / TOKENIZER_FILE, recipe.tokens, special_pieces(run))


def special_pieces(run: Path) -> SpecialPieces:
    """The special pieces of a run's tokenizer."""
    return SpecialPieces.model_validate_json((run / SPECIAL_FILE).read_text())


def load_or_build_corpus(recipe: Recipe, run: Path) -> Corpus:
    """The run's corpus as it was drawn, or a new one, kept for the next time."""
    if (run / _COUNTS_FILE).exists():
        counts = json.loads((run / _COUNTS_FILE).read_text())
        return Corpus(
            _read_examples(run / "train.jsonl.gz"),
            _read_examples(run / "validation.jsonl.gz"),
            [SourceCount(**entry) for entry in counts["sources"]],
            [LabelCount(**entry) for entry in counts["labels"]],
            counts["missing_judges"],
        )
    corpus = build_corpus(recipe.corpus)
    logger.info("the corpus:\n\n%s\n", corpus_tables(corpus.sources, corpus.labels))
    write_corpus(corpus, run)
    return corpus


def write_corpus(corpus: Corpus, run: Path) -> None:
    """Keep a corpus in a run's folder."""
    _write_examples(run / "train.jsonl.gz", corpus.train)
    _write_examples(run / "validation.jsonl.gz", corpus.validation)
    counts = {
        "sources": [asdict(count) for count in corpus.sources],
        "labels": [asdict(count) for count in corpus.labels],
        "missing_judges": corpus.missing_judges,
    }
    replace_file(run / _COUNTS_FILE, json.dumps(counts, indent=1))


def _write_examples(path: Path, examples: Sequence[Example]) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        for example in examples:
            lines.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")


def _read_examples(path: Path) -> list[Example]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return [Example(**{**row, "context": tuple(row["context"])}) for row in rows]
