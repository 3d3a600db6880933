import random

import pytest

from serving.engine.normalise import normalise
from training.disguise import OBFUSCATIONS, disguise

TEXT = "Franchement quel imbécile, retourne te coucher"


@pytest.mark.parametrize("kind", OBFUSCATIONS)
def test_every_way_changes_the_text_and_only_it(kind: str) -> None:
    changed = {OBFUSCATIONS[kind](TEXT, random.Random(seed)) for seed in range(20)}
    assert TEXT not in changed
    assert len(changed) > 1
    assert changed == {OBFUSCATIONS[kind](TEXT, random.Random(seed)) for seed in range(20)}


def test_look_alike_letters_are_read_as_they_were_meant() -> None:
    assert normalise(OBFUSCATIONS["homoglyphs"](TEXT, random.Random(1))) == TEXT


@pytest.mark.parametrize("text", ["", "ok", "🙂", "à 12 h"])
def test_texts_without_a_long_word_survive(text: str) -> None:
    for seed in range(60):
        assert disguise(text, random.Random(seed)).strip() or not text
