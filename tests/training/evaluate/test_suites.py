"""What each suite asks of which rows. All rows are invented; only their shape is the sources'."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from labels.taxonomy import ABUSE_LABELS, LABEL_NAMES
from training.disguise import OBFUSCATIONS
from training.evaluate.exam import EvaluationError
from training.evaluate.identity_terms import names_a_group
from training.evaluate.suites import HATE_LABELS, NAMING, SUITES, get_suite
from training.sources import all_sources
from training.sources.base import Row, Source
from training.sources.splits import hashed_split

Give = Callable[..., None]

TEST_IDS = [str(n) for n in range(200) if hashed_split({"id": str(n)}) == "test"]
TRAIN_IDS = [str(n) for n in range(200) if hashed_split({"id": str(n)}) == "train"]


def _row(row_id: str, labels: dict[str, Any], lang: str = "fr", split: str | None = None) -> Row:
    text, context = f"message {row_id}", [f"avant {row_id}"]
    return {"id": row_id, "text": text, "lang": lang, "context": context, "labels": labels, "split": split}


@pytest.fixture
def give(monkeypatch: pytest.MonkeyPatch) -> Give:
    """Makes every source's rows the given ones."""

    def give(*rows: Row) -> None:
        def invented(_: Source) -> Iterator[Row]:
            yield from rows

        monkeypatch.setattr(Source, "rows", invented)

    return give


def _answers(name: str) -> list[dict[str, float]]:
    return [dict(case.gold) for case in get_suite(name).exam().cases]


def test_names_are_unique_and_sources_exist() -> None:
    assert len({suite.name for suite in SUITES}) == len(SUITES)
    assert {suite.source for suite in SUITES} <= set(all_sources())


def test_unknown_suite_names_the_known_ones() -> None:
    with pytest.raises(EvaluationError, match=r"no suite named nope; known: edos_test"):
        get_suite("nope")


def test_suite_without_rows_says_so(give: Give) -> None:
    give(_row("1", {"label_sexist": "sexist", "label_category": "x"}, split="train"))
    with pytest.raises(EvaluationError, match="edos_test: edos_en has no row"):
        get_suite("edos_test").exam()


@pytest.mark.parametrize(
    ("suite", "positive", "negative", "question"),
    [
        (
            "edos_test",
            {"label_sexist": "sexist", "label_category": "2. derogation"},
            {"label_sexist": "not sexist", "label_category": "none"},
            "sexism",
        ),
        (
            "germeval2018_test",
            {"coarse": "OFFENSE", "fine": "PROFANITY"},
            {"coarse": "OTHER", "fine": "OTHER"},
            "offence",
        ),
        ("gahd_test", {"hate": 1}, {"hate": 0}, "hate"),
    ],
)
def test_native_test_splits(
    give: Give, suite: str, positive: dict[str, Any], negative: dict[str, Any], question: str
) -> None:
    rows = [_row("1", positive, split="test"), _row("2", negative, split="test")]
    give(*rows, _row("3", positive, split="train"))

    assert _answers(suite) == [{question: 1.0}, {question: 0.0}]


def test_flagged_labels() -> None:
    assert get_suite("edos_test").questions["sexism"].flagged == ("sexism",)
    assert get_suite("germeval2018_test").questions["offence"].flagged == ABUSE_LABELS
    assert get_suite("gahd_test").questions["hate"].flagged == HATE_LABELS
    assert get_suite("ftr_fr_heldout").questions["racism"].flagged == ("racism", "hate")


def test_hatecheck_by_functionality(give: Give) -> None:
    give(
        _row("1", {"label_gold": "hateful", "functionality": "slur_h"}, "en", "test-suite"),
        _row("2", {"label_gold": "non-hateful", "functionality": "ident_nh"}, "en", "test-suite"),
    )
    cases = get_suite("hatecheck_en").exam().cases

    assert [(c.gold["hate"], c.groups["functionality"]) for c in cases] == [
        (1.0, "slur_h"),
        (0.0, "ident_nh"),
    ]


def test_multilingual_hatecheck_by_language(give: Give) -> None:
    native = {"label_gold": "hateful", "functionality": "slur_h"}
    give(*(_row(lang, native, lang) for lang in ("de", "es", "fr")))
    exam = get_suite("multilingual_hatecheck").exam()

    assert [case.groups["language"] for case in exam.cases] == ["de", "es"]
    assert exam.mean_over == "language"


def test_heldout_gold_is_native_where_the_mapping_drops_rows(give: Give) -> None:
    doubtful = _row(TEST_IDS[0], {"racist": 1})
    assert all_sources()["ftr_racism_fr"].mapping(doubtful) is None
    give(doubtful, _row(TEST_IDS[1], {"racist": 0}), _row(TRAIN_IDS[0], {"racist": 1}))

    assert _answers("ftr_fr_heldout") == [{"racism": 1.0}, {"racism": 0.0}]


def test_mlma_normal_must_be_alone(give: Give) -> None:
    def labels(sentiment: str) -> dict[str, str]:
        return {"sentiment": sentiment, "target": "other", "group": "other"}

    give(
        _row(TEST_IDS[0], labels("normal")),
        _row(TEST_IDS[1], labels("hateful_normal")),
        _row(TEST_IDS[2], labels("normal"), "ar"),
    )
    assert _answers("mlma_fr_heldout") == [{"abuse": 0.0}, {"abuse": 1.0}]


def test_toxifrench(give: Give) -> None:
    give(_row(TEST_IDS[0], {"conclusion": 1, "2nd_annotation_score": 0}))
    assert _answers("toxifrench_heldout") == [{"toxicity": 1.0}]

    kinds = dict.fromkeys(("toxic", "insult", "threat", "identity_hate"), 0)
    give(_row(TEST_IDS[0], {**kinds, "conclusion": "Conclusion : 0"}))
    assert _answers("toxifrench_jigsaw_heldout") == [{"toxicity": 0.0}]


def test_authored_asks_every_known_label(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        _row(TEST_IDS[0], {"carried": ["sav"], "unknown": ["toxicity"], "intent": "payment"}),
        _row(TEST_IDS[1], {"carried": [], "unknown": [], "intent": None}, "de"),
    ]
    monkeypatch.setattr(type(all_sources()["vigie_authored"]), "rows", lambda _: iter(rows))
    exam = get_suite("authored_fr_heldout").exam()

    assert tuple(exam.questions) == LABEL_NAMES
    assert exam.cases[0].gold == {"sexism": 0.0, "racism": 0.0, "hate": 0.0, "sav": 1.0}
    assert [case.intent for case in exam.cases] == ["payment"]


def test_disguised_suites_put_each_message_in_every_spelling(give: Give) -> None:
    hateful = _row("1", {"label_gold": "hateful", "functionality": "slur_h"}, "en")
    harmless = _row("2", {"label_gold": "non-hateful", "functionality": "slur_h"}, "en")
    give(hateful, harmless)
    exam = get_suite("obfuscation_en").exam()

    assert [case.groups["spelling"] for case in exam.cases] == ["plain", *OBFUSCATIONS]
    assert exam.cases[0].text == hateful["text"]
    assert len({case.text for case in exam.cases}) == len(exam.cases)
    assert exam.sha256() == get_suite("obfuscation_en").exam().sha256()


def test_harmless_messages_are_told_apart_by_naming_a_group(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def labels(*carried: str, unknown: tuple[str, ...] = ()) -> dict[str, Any]:
        return {"carried": list(carried), "unknown": list(unknown), "intent": None}

    rows = [
        {**_row(TEST_IDS[0], labels()), "text": "Ma voisine est musulmane"},
        {**_row(TEST_IDS[1], labels()), "text": "Ma voisine est pianiste"},
        _row(TEST_IDS[2], labels("toxicity")),
        _row(TEST_IDS[3], labels(unknown=("hate",))),
    ]
    monkeypatch.setattr(type(all_sources()["vigie_authored"]), "rows", lambda _: iter(rows))
    cases = get_suite("authored_harmless").exam().cases

    assert [case.groups["naming"] for case in cases] == list(NAMING)
    assert all(case.gold == {"abuse": 0.0} for case in cases)


@pytest.mark.parametrize(
    ("text", "language", "named"),
    [
        ("Les femmes courent le dimanche", "fr", True),
        ("La femmelette", "fr", False),
        ("Two Muslims and a rabbi", "en", True),
        ("Die Flüchtlinge sind da", "de", True),
        ("I migranti", "it", True),
        ("Las mujeres", "xx", False),
    ],
)
def test_plain_names_of_groups(text: str, language: str, named: bool) -> None:
    assert names_a_group(text, language) is named


def test_unclear_tweets_on_politicians_are_not_asked(give: Give) -> None:
    meanings = ("misogynous", "abusive, not misogynous", "unclear", "not misogynous, not abusive")
    give(*(_row(meaning, {"meaning": meaning}) for meaning in meanings))

    assert _answers("sexism_politicians_fr") == [{"sexism": 1.0}, {"sexism": 0.0}, {"sexism": 0.0}]


def test_bullying_with_and_without_context(give: Give) -> None:
    give(_row("1", {"verbal_abuse": "harassment", "hate_speech": "no"}))
    with_context = get_suite("cyberagression_v1_fr").exam().cases[0]
    without = get_suite("cyberagression_v1_fr_no_context").exam().cases[0]

    assert with_context.gold == without.gold == {"toxicity": 1.0}
    assert (with_context.context, without.context) == (("avant 1",), ())


def test_harmless_sets_are_drawn_by_hash_whatever_the_order(give: Give) -> None:
    rows = [_row(str(n), {}) for n in range(2100)]
    give(*rows)
    exam = get_suite("everyday_fr").exam()
    give(*reversed(rows))

    assert len(exam.cases) == 2000
    assert exam.sha256() == get_suite("everyday_fr").exam().sha256()
    assert exam.cases[0].gold == {"abuse": 0.0, "sav": 0.0}


def test_only_neutral_tweets_are_asked(give: Give) -> None:
    neutral = [_row(str(n), {"sentiment": "neutral"}, "it") for n in range(310)]
    give(*neutral, _row("n", {"sentiment": "negative"}, "it"), _row("h", {"sentiment": "neutral"}, "hi"))
    cases = get_suite("neutral_tweets").exam().cases

    assert len(cases) == 300
    assert {case.groups["language"] for case in cases} == {"it"}


def test_clients_sav_and_intents(give: Give) -> None:
    give(
        _row("1", {"sav": 1, "intent": "payment"}, split="test"),
        _row("2", {"sav": 0, "intent": None}, split="test"),
        _row("3", {"sav": 1, "intent": "payment"}, split="train"),
    )
    cases = get_suite("perfume_chat_fr_test").exam().cases

    assert [(case.gold["sav"], case.intent) for case in cases] == [(1.0, "payment"), (0.0, None)]
    assert get_suite("perfume_chat_fr_test_no_context").exam().cases[0].context == ()


def test_checksum_sees_text_gold_and_order(give: Give) -> None:
    def checksum(*rows: Row) -> str:
        give(*rows)
        return get_suite("telecom_fr_test").exam().sha256()

    case = _row("1", {"sav": 1, "intent": "payment"}, split="test")
    no_case = _row("1", {"sav": 0, "intent": None}, split="test")
    other = _row("2", {"sav": 0, "intent": None}, split="test")
    sums = [checksum(case), checksum(no_case), checksum(other), checksum(case, other), checksum(other, case)]

    assert len(set(sums)) == len(sums)
