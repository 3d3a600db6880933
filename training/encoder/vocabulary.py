"""Prunes an encoder's vocabulary to the pieces that the served languages can hit.

Most of a multilingual encoder's weight is its embedding table. Dropping the rows of scripts that are not
served, and of pieces that no word in use ever needs, changes ids but neither segmentation nor vectors of
the texts that use kept pieces only.
"""

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import regex
import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import PreTrainedModel
from wordfreq import top_n_list

from labels.errors import VigieError
from serving.engine.language import foreign_letter

SCRIPTS = ("Latin", "Cyrillic", "Arabic", "Greek")
_META = "\u2581"
_OTHER_LETTER = foreign_letter(SCRIPTS)
_LETTER = regex.compile(r"\p{L}")


class VocabularyError(VigieError):
    """A vocabulary cannot be pruned."""


@dataclass(frozen=True)
class Vocabulary:
    """A pruned tokenizer (as JSON) and, for each new piece id, its id in the full vocabulary."""

    tokenizer: dict[str, Any]
    old_ids: tuple[int, ...]


def words_in_use(languages: Iterable[str], per_language: int) -> Iterator[str]:
    """The commonest words of each language (Speer 2022, wordfreq), in the casings that people type."""
    for language in languages:
        for word in top_n_list(language, per_language):
            yield from {word, word.capitalize(), word.upper()}


def prune_vocabulary(tokenizer: dict[str, Any], texts: Iterable[str]) -> Vocabulary:
    """Keep special pieces, pieces without letters, single letters, and what segments ``texts``.

    The piece of lowest score stays too: the penalty of an unknown piece is derived from it.

    Raises VocabularyError for a tokenizer that is not a Unigram model.
    """
    if tokenizer["model"]["type"] != "Unigram":
        raise VocabularyError(
            f"only a Unigram vocabulary can be pruned, not {tokenizer['model']['type']}: "
            "leave [vocabulary] out of the recipe"
        )
    pieces: list[tuple[str, float]] = [(piece, score) for piece, score in tokenizer["model"]["vocab"]]
    special = {added["id"] for added in tokenizer["added_tokens"]}
    lowest = min(range(len(pieces)), key=lambda index: pieces[index][1])
    hit = _pieces_hit(tokenizer, texts)
    keep = sorted(
        index
        for index, (piece, _) in enumerate(pieces)
        if index in special
        or index == lowest
        or (not _OTHER_LETTER.search(piece) and (index in hit or _is_atomic(piece)))
    )
    return Vocabulary(tokenizer=_with_pieces(tokenizer, pieces, keep), old_ids=tuple(keep))


def _is_atomic(piece: str) -> bool:
    """A single character, or a piece without letters: digits, punctuation, emoji."""
    return len(piece.replace(_META, "")) <= 1 or not _LETTER.search(piece)


def _pieces_hit(tokenizer: dict[str, Any], texts: Iterable[str]) -> set[int]:
    full = Tokenizer.from_str(json.dumps(tokenizer))
    hit: set[int] = set()
    remaining = iter(texts)
    while some := list(islice(remaining, 10_000)):
        encodings = full.encode_batch(some, add_special_tokens=False)
        hit.update(chain.from_iterable(encoding.ids for encoding in encodings))
    return hit


def _with_pieces(
    tokenizer: dict[str, Any], pieces: list[tuple[str, float]], keep: list[int]
) -> dict[str, Any]:
    new_id = {old: new for new, old in enumerate(keep)}
    pruned = copy.deepcopy(tokenizer)
    pruned["model"]["vocab"] = [pieces[old] for old in keep]
    pruned["model"]["unk_id"] = new_id[tokenizer["model"]["unk_id"]]
    for added in pruned["added_tokens"]:
        added["id"] = new_id[added["id"]]
    # Rows are assembled by MessageTokenizer, so the tokenizer needs no padding, truncation or template.
    pruned.update(padding=None, truncation=None, post_processor=None)
    return pruned


def prune_embeddings(model: PreTrainedModel, vocabulary: Vocabulary) -> None:
    """Keep only the embedding rows of the pruned vocabulary, in place."""
    table = model.get_input_embeddings()
    assert isinstance(table, nn.Embedding)
    pruned = nn.Embedding(len(vocabulary.old_ids), table.embedding_dim)
    with torch.no_grad():
        pruned.weight.copy_(table.weight[torch.tensor(vocabulary.old_ids)])
    model.set_input_embeddings(pruned)
    model.config.vocab_size = len(vocabulary.old_ids)
