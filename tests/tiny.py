"""A tiny random model with a real tokenizer, for tests that need the machinery and not the answers."""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import BertConfig, BertModel

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.engine.artefact import (
    MODEL_FILE,
    TOKENIZER_FILE,
    Calibration,
    ModelConfig,
    SpecialPieces,
    TokenLimits,
    write_checksums,
    write_config,
)
from training.encoder.vocabulary import SCRIPTS
from training.export import export_fp32
from training.model import ModerationModel

SPECIAL = SpecialPieces(start="<s>", end="</s>", pad="<pad>", unknown="<unk>")
LIMITS = TokenLimits(message=12, overlap=4, context=10, context_entry=6)

_WORDS = ("▁bonjour", "▁merci", "▁commande", "▁colis", "▁hello", "▁http", "@user", "▁@", "user", "▁36")


def tiny_tokenizer() -> dict[str, Any]:
    """A Unigram tokenizer of a few words, single letters of four scripts, and the special pieces."""
    letters = [
        "日",
        "▁日本",
        *"abcdefghijklmnopqrstuvwxyzéèàçABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,!?'<>/@▁",
        *"абвгде",
        *"αβγδ",
        *"مرحبا",
        "😂",
    ]
    special = ("<s>", "<pad>", "</s>", "<unk>")
    pieces = [
        *((piece, 0.0) for piece in special),
        *((word, -5.0 - rank / 10) for rank, word in enumerate(_WORDS)),
        *((letter, -9.0 - rank / 10) for rank, letter in enumerate(dict.fromkeys(letters))),
    ]
    added = [
        {
            "id": number,
            "content": piece,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for number, piece in enumerate(special)
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Metaspace",
            "replacement": "▁",
            "prepend_scheme": "always",
            "split": True,
        },
        "post_processor": None,
        "decoder": None,
        "model": {"type": "Unigram", "unk_id": 3, "vocab": pieces, "byte_fallback": False},
    }


def tiny_encoder(vocabulary: int, seed: int = 0) -> BertModel:
    """A random BERT of two layers."""
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        pad_token_id=1,
    )
    return BertModel(config, add_pooling_layer=False)


def build_tiny_artefact(folder: Path) -> Path:
    """Write a whole artefact, checksums included."""
    folder.mkdir(parents=True)
    tokenizer = tiny_tokenizer()
    (folder / TOKENIZER_FILE).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    export_fp32(
        ModerationModel(tiny_encoder(len(tokenizer["model"]["vocab"])), fast_layers=1), folder / MODEL_FILE
    )
    config = ModelConfig(
        version="tiny-0.0.1",
        labels=LABEL_NAMES,
        intents=INTENT_NAMES,
        calibration=dict.fromkeys(LABEL_NAMES, Calibration(scale=1.0, offset=0.0)),
        thresholds=dict.fromkeys(LABEL_NAMES, 0.5),
        tokens=LIMITS,
        special=SPECIAL,
        scripts=SCRIPTS,
        languages=("fr", "en"),
    )
    write_config(folder, config, "full")
    write_config(folder, config.model_copy(update={"version": "tiny-0.0.1-fast"}), "fast")
    write_checksums(folder)
    return folder
