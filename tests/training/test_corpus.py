from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from labels.taxonomy import LabelName
from tests.training.invented import register, row, source
from training.corpus import CorpusError, build_corpus, mask_confounded
from training.recipe import CorpusRecipe
from training.sources import get_source
from training.sources.base import Example, Folder, Source


@pytest.fixture
def with_sources(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(*sources: Source) -> None:
        register(monkeypatch, *sources)

    return use


def recipe(rows: dict[str, int], **changes: Any) -> CorpusRecipe:
    return CorpusRecipe(
        **{
            "seed": 1,
            "negatives_per_positive": 10.0,
            "validation_share": 0.5,
            "rows": rows,
            **changes,
        }
    )


TEXTS = [
    "les horaires du musée ont changé depuis lundi",
    "quel match incroyable hier soir à la maison",
    "je cherche une recette de tarte aux pommes facile",
    "mon chat dort encore sur le clavier ce matin",
    "le train est arrivé à l'heure pour une fois",
    "on se retrouve devant la mairie vers dix heures",
]


def test_what_may_only_judge_is_refused(with_sources: Any) -> None:
    folders: tuple[Folder, ...] = ("eval", "research", "clients")
    for folder in folders:
        with_sources(source("judge", [row(0, TEXTS[0], {"hate": 1.0})], folder=folder))
        with pytest.raises(
            CorpusError, match=f"judge is in {folder}/: it may judge a model, never train one"
        ):
            build_corpus(recipe({"judge": 10}))


def test_nothing_like_an_evaluation_reaches_training(with_sources: Any) -> None:
    with_sources(
        source(
            "trained",
            [
                row(0, TEXTS[0].upper() + " !!!", {"hate": 0.0}),
                row(1, TEXTS[1], {"hate": 1.0}),
                row(2, TEXTS[2], {"hate": 0.0}),
                row(3, TEXTS[3], {"hate": 0.0}, split="test"),
                row(4, TEXTS[3] + "?", {"hate": 1.0}),
            ],
        ),
        source("suite", [row(0, TEXTS[0], {"hate": 1.0})], folder="eval"),
    )
    corpus = build_corpus(recipe({"trained": 10}))
    assert sorted(example.text for example in corpus.train) == sorted([TEXTS[1], TEXTS[2]])
    assert corpus.sources[0].held_out == 2


def test_nothing_like_an_evaluation_reaches_validation_where_thresholds_are_chosen(with_sources: Any) -> None:
    with_sources(
        source("trained", [row(n, TEXTS[n], {"hate": 1.0}, split="validation") for n in range(2)]),
        source("suite", [row(0, TEXTS[0] + " !", {"hate": 1.0})], folder="eval"),
    )
    assert [example.text for example in build_corpus(recipe({"trained": 10})).validation] == [TEXTS[1]]


def test_a_judge_that_is_not_at_hand_is_named(with_sources: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIGIE_DATA_DIR", raising=False)
    with_sources(source("a", [row(0, TEXTS[0], {"hate": 1.0})]), replace(get_source("telecom_fr")))
    corpus = build_corpus(recipe({"a": 5}))
    assert corpus.missing_judges == ["telecom_fr"]
    assert len(corpus.train) == 1


def test_what_is_counted_as_used_is_used(with_sources: Any) -> None:
    rows = [row(n, f"{TEXTS[n % 6]} {n}", {"hate": 0.0}, lang="ru") for n in range(4)]
    with_sources(source("a", [*rows, row(9, TEXTS[5], {"hate": 1.0})]))
    corpus = build_corpus(recipe({"a": 10}))
    [count] = corpus.sources
    assert count.nothing_known == 4
    assert count.kept == len(corpus.train) == 1


def test_validation_messages_are_not_trained_on(with_sources: Any) -> None:
    with_sources(
        source("a", [row(0, TEXTS[0], {"hate": 1.0}), row(1, TEXTS[1], {"hate": 0.0})]),
        source("b", [row(0, TEXTS[0], {"hate": 1.0}, split="validation"), row(1, TEXTS[2], {"hate": 0.0})]),
    )
    corpus = build_corpus(recipe({"a": 5, "b": 5}))
    assert [example.text for example in corpus.validation] == [TEXTS[0]]
    assert TEXTS[0] not in {example.text for example in corpus.train}


def test_rows_of_the_same_message_are_votes(with_sources: Any) -> None:
    with_sources(
        source(
            "a",
            [
                row(0, TEXTS[0], {"hate": 1.0}),
                row(1, TEXTS[0] + "!", {"hate": 0.0}),
                row(2, TEXTS[1], {"hate": 0.0}),
            ],
        )
    )
    corpus = build_corpus(recipe({"a": 5}))
    assert {example.text: example.labels["hate"] for example in corpus.train}[TEXTS[0]] == 0.5
    assert corpus.sources[0].votes == 1


def test_the_same_seed_draws_the_same_rows(with_sources: Any) -> None:
    rows: list[Mapping[str, Any]] = [
        row(n, f"{n} {TEXTS[n % 6]} {n * 7919}", {"hate": float(n % 2)}) for n in range(60)
    ]
    with_sources(source("a", rows))
    first = build_corpus(recipe({"a": 10}))
    with_sources(source("a", rows[::-1]))
    again = build_corpus(recipe({"a": 10}))
    other = build_corpus(recipe({"a": 10}, seed=2))
    ids = [{example.id for example in each.train} for each in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]
    assert sum(example.labels["hate"] >= 0.5 for example in first.train) == 5


def test_repeats_show_a_source_more_often(with_sources: Any) -> None:
    with_sources(source("a", [row(0, TEXTS[0], {"hate": 1.0}), row(1, TEXTS[1], {"hate": 0.0})]))
    assert len(build_corpus(recipe({"a": 5}, repeats={"a": 3})).train) == 6


def example(number: int, lang: str, labels: Mapping[LabelName, float]) -> Example:
    return Example(f"e{number}", "s", f"text {number}", (), lang, labels, None, "train", f"e{number}")


def test_a_language_never_stands_for_a_label() -> None:
    examples = [
        *(example(n, "fr", {"sav": 0.0, "hate": 0.0}) for n in range(20)),
        *(example(n, "fr", {"hate": 1.0}) for n in range(20, 24)),
        *(example(n, "en", {"sav": 0.0}) for n in range(24, 40)),
        *(example(n, "en", {"sav": 1.0}) for n in range(40, 42)),
    ]
    kept, counts = mask_confounded(examples, negatives_per_positive=3.0, seed=1)
    cells = {(count.label, count.language): count for count in counts}
    assert cells["sav", "fr"].negatives == 0
    assert cells["sav", "fr"].masked_negatives == 20
    assert cells["hate", "fr"].negatives == 12
    assert cells["sav", "en"].negatives == 6
    assert sum("sav" in each.labels and each.lang == "en" for each in kept) == 8
    assert all(each.labels for each in kept)
    assert all(each.labels.get("hate") != 1.0 or replace(each) in kept for each in examples)
