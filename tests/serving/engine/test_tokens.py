from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from serving.engine.artefact import TOKENIZER_FILE
from serving.engine.tokens import CONTEXT_SEGMENT, MESSAGE_SEGMENT, MessageTokenizer
from tests.tiny import LIMITS, SPECIAL


@pytest.fixture
def tokenizer(tiny_artefact: Path) -> MessageTokenizer:
    return MessageTokenizer(tiny_artefact / TOKENIZER_FILE, LIMITS, SPECIAL)


def test_a_message_and_its_context_are_two_segments(tokenizer: MessageTokenizer) -> None:
    [[row]] = tokenizer.rows([("bonjour", ["merci"])])
    assert len(row) == 5
    assert row.segments == (MESSAGE_SEGMENT,) * 3 + (CONTEXT_SEGMENT,) * 2


def test_context_does_not_move_the_message(tokenizer: MessageTokenizer) -> None:
    [[alone]] = tokenizer.rows([("bonjour merci", [])])
    [[with_context]] = tokenizer.rows([("bonjour merci", ["colis", "commande"])])
    assert with_context.ids[: len(alone)] == alone.ids


def test_a_long_message_is_read_whole_in_overlapping_windows(tokenizer: MessageTokenizer) -> None:
    text = "abcdefghijklmnopqrstuvwxyz"
    [rows] = tokenizer.rows([(text, [])])
    whole = tokenizer._encode([text])[0]
    windows = [list(row.ids[1:-1]) for row in rows]
    assert all(len(window) <= LIMITS.message for window in windows)
    assert windows[0] == whole[: LIMITS.message]
    assert windows[-1] == whole[-len(windows[-1]) :]
    for before, after in pairwise(windows):
        assert before[-LIMITS.overlap :] == after[: LIMITS.overlap]


def test_a_message_of_exactly_one_window_is_one_row(tokenizer: MessageTokenizer) -> None:
    text = "abcdefghijkl"[: LIMITS.message - 1]
    assert len(tokenizer._encode([text])[0]) == LIMITS.message
    [rows] = tokenizer.rows([(text, [])])
    assert len(rows) == 1


def test_in_short_room_the_latest_entry_and_the_post_win(tokenizer: MessageTokenizer) -> None:
    entries = ["aaabbb", "ccc", "ddd", "eeefff"]
    [[row]] = tokenizer.rows([("merci", entries)])
    context = [piece for piece, segment in zip(row.ids, row.segments, strict=True) if segment]
    post, *_, latest = tokenizer._encode(entries)
    assert context[: LIMITS.context - LIMITS.context_entry] == post[: LIMITS.context - LIMITS.context_entry]
    assert context[-1 - LIMITS.context_entry : -1] == latest[: LIMITS.context_entry]


def test_literal_special_pieces_are_plain_text(tokenizer: MessageTokenizer) -> None:
    [[row]] = tokenizer.rows([("a<s>b", [])])
    assert row.ids.count(row.ids[0]) == 1


def test_batches_are_padded_and_masked(tokenizer: MessageTokenizer) -> None:
    [[short], [long]] = tokenizer.rows([("merci", []), ("bonjour merci colis", ["hello"])])
    batch = tokenizer.batch([short, long])
    assert batch.input_ids.shape == (2, len(long))
    assert batch.attention_mask.sum(axis=1).tolist() == [len(short), len(long)]
    assert np.array_equal(batch.token_type_ids[1], long.segments)
