import json

import pytest
import torch
from tokenizers import Tokenizer

from tests.tiny import tiny_encoder, tiny_tokenizer
from training.encoder.vocabulary import VocabularyError, prune_embeddings, prune_vocabulary, words_in_use


def test_texts_in_use_keep_their_pieces_and_vectors() -> None:
    full = tiny_tokenizer()
    vocabulary = prune_vocabulary(full, ["bonjour", "commande"])
    before, after = (Tokenizer.from_str(json.dumps(each)) for each in (full, vocabulary.tokenizer))
    assert len(vocabulary.old_ids) < len(full["model"]["vocab"])
    encoder = tiny_encoder(len(full["model"]["vocab"])).eval()
    for text in ("bonjour commande", "bonjour 36 ?", "abc 😂"):
        old = before.encode(text, add_special_tokens=False)
        new = after.encode(text, add_special_tokens=False)
        assert old.tokens == new.tokens
        assert [vocabulary.old_ids[piece] for piece in new.ids] == old.ids
    expected = encoder(input_ids=torch.tensor([old.ids])).last_hidden_state
    prune_embeddings(encoder, vocabulary)
    assert torch.equal(encoder(input_ids=torch.tensor([new.ids])).last_hidden_state, expected)


def test_scripts_that_are_not_served_go() -> None:
    vocabulary = prune_vocabulary(tiny_tokenizer(), ["日本"])
    pieces = {piece for piece, _ in vocabulary.tokenizer["model"]["vocab"]}
    assert "日" not in pieces
    assert "▁日本" not in pieces
    assert {"α", "а", "ا", "😂", "<unk>"} <= pieces


def test_only_a_unigram_vocabulary_is_pruned() -> None:
    other = tiny_tokenizer()
    other["model"]["type"] = "BPE"
    with pytest.raises(VocabularyError, match="not BPE"):
        prune_vocabulary(other, [])


def test_words_come_in_the_casings_people_type() -> None:
    words = set(words_in_use(["fr"], 50))
    assert {"que", "Que", "QUE"} <= words
