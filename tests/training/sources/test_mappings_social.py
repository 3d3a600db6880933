"""How the native labels of social-media, news and conversation sources become the taxonomy's.

All rows are invented; only their shape is the sources'.
"""

from collections import Counter
from typing import Any

import pytest

from labels.taxonomy import LABEL_NAMES
from training.sources import (
    context_toxicity_en,
    convabuse_en,
    foxnews_context_en,
    ftr_racism_fr,
    gahd_de,
    germeval2018_de,
    guest_misogyny_en,
    iwg_refugees_de,
    mlma,
    neutral_ud,
    toldbr_pt,
    toxifrench_agreement_fr,
    toxifrench_jigsaw_translated_fr,
    tupy_pt,
)
from training.sources.base import Row, Source
from training.sources.splits import hashed_split, native_test_split

MLMA = mlma.SOURCE
FTR = ftr_racism_fr.SOURCE
AGREEMENT = toxifrench_agreement_fr.SOURCE
JIGSAW = toxifrench_jigsaw_translated_fr.SOURCE
GAHD = gahd_de.SOURCE
GERMEVAL = germeval2018_de.SOURCE
IWG = iwg_refugees_de.SOURCE
TOLDBR = toldbr_pt.SOURCE
TUPY = tupy_pt.SOURCE
UD = neutral_ud.SOURCE
CAT = context_toxicity_en.SOURCE
CONVABUSE = convabuse_en.SOURCE
GUEST = guest_misogyny_en.SOURCE
FOX = foxnews_context_en.SOURCE

ABUSE_FREE = {"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0}
NO_GROUND = {"sexism": 0.0, "racism": 0.0, "hate": 0.0}
NO_SAV = {"sav": 0.0}


def _row(text: str = "un message", lang: str = "fr", /, **labels: Any) -> Row:
    return {"id": "r-1", "text": text, "lang": lang, "context": None, "labels": labels, "split": None}


def _mlma(sentiment: str, target: str = "other", group: str = "other", lang: str = "fr") -> Row:
    return _row("un message", lang, sentiment=sentiment, directness="direct", target=target, group=group)


def _jigsaw(conclusion: int, text: str = "un message", **positive: int) -> Row:
    kinds = dict.fromkeys(("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"), 0)
    return _row(text, conclusion=f"Conclusion : {conclusion}", **{**kinds, **positive})


def _iwg(first: str, second: str, rating: str) -> Row:
    return _row(
        "eine Nachricht",
        "de",
        **{
            "HatespeechOrNot (Expert 1)": first,
            "HatespeechOrNot (Expert 2)": second,
            "Hatespeech Rating (Expert 2)": rating,
        },
    )


def _toldbr(text: str = "bom dia", **votes: int) -> Row:
    kinds = dict.fromkeys(("homophobia", "obscene", "insult", "racism", "misogyny", "xenophobia"), 0)
    return _row(text, "pt", **{**kinds, **votes})


def _tupy(**positive: int) -> Row:
    kinds = dict.fromkeys(
        ("aggressive", "hate", "political", "racism", "religious_intolerance", "misogyny", "xenophobia"), 0
    )
    return _row("uma mensagem", "pt", **{**kinds, **positive})


def _convabuse(levels: dict[str, int], annotators: int, bot: str = "E.L.I.Z.A.", **votes: int) -> Row:
    abuse = {f"is_abuse.{level}": levels.get(level, 0) for level in ("1", "0", "-1", "-2", "-3")}
    kinds = dict.fromkeys(("homophobic", "racist", "sexist", "sex_harassment"), 0)
    return _row("a message", "en", **{**abuse, **kinds, "n_annotators": annotators, "bot": bot, **votes})


def _guest(level_2: str, level_3: str = "", strength: str = "") -> Row:
    return _row("a message", "en", level_2=level_2, level_3=level_3, strength=strength)


@pytest.mark.parametrize(
    ("source", "row", "expected"),
    [
        (MLMA, _mlma("normal"), {**NO_GROUND, "toxicity": 0.1}),
        (MLMA, _mlma("normal", lang="en"), NO_GROUND),
        (MLMA, _mlma("offensive_hateful", "origin", "arabs"), {"toxicity": 0.7, "racism": 0.7, "hate": 0.7}),
        (MLMA, _mlma("offensive", "religion", "jews"), {"toxicity": 0.7, "racism": 0.7, "hate": 0.7}),
        (MLMA, _mlma("offensive", "origin", "arabs"), {"toxicity": 0.7}),
        (MLMA, _mlma("hateful", "origin", "indian/hindu"), {"toxicity": 0.7}),
        (
            MLMA,
            _mlma("hateful", "origin", "indian/hindu", "en"),
            {"toxicity": 0.7, "racism": 0.7, "hate": 0.7},
        ),
        (MLMA, _mlma("offensive", "gender", "women"), {"toxicity": 0.7, "sexism": 0.6}),
        (MLMA, _mlma("hateful", "sexual_orientation", "gay"), {"toxicity": 0.7, "hate": 0.7}),
        (MLMA, _mlma("hateful", "disability", "special_needs"), {"toxicity": 0.7}),
        (FTR, _row("il fait beau", racist=0), {"racism": 0.0}),
        (FTR, _row("dégage sale arabe", racist=1), {"racism": 0.7, "hate": 0.7, "toxicity": 0.7}),
        (AGREEMENT, _row(conclusion=0, **{"2nd_annotation_score": 0}), {**ABUSE_FREE, **NO_SAV}),
        (AGREEMENT, _row(conclusion=1, **{"2nd_annotation_score": 0.75}), {"toxicity": 0.875, **NO_SAV}),
        (AGREEMENT, _row(conclusion=0, **{"2nd_annotation_score": 1}), {"toxicity": 0.5, **NO_SAV}),
        (JIGSAW, _jigsaw(0), {**ABUSE_FREE, **NO_SAV}),
        (JIGSAW, _jigsaw(0, toxic=1, insult=1), {"toxicity": 0.5, **NO_SAV}),
        (JIGSAW, _jigsaw(1, toxic=1, insult=1), {"racism": 0.0, "hate": 0.1, "toxicity": 1.0, **NO_SAV}),
        (JIGSAW, _jigsaw(1, toxic=1, obscene=1), {"racism": 0.0, "hate": 0.1, "toxicity": 0.7, **NO_SAV}),
        (JIGSAW, _jigsaw(1, toxic=1, threat=1, identity_hate=1), {"hate": 0.8, "toxicity": 1.0, **NO_SAV}),
        (GAHD, _row(hate=1, round="R1"), {"hate": 1.0, "toxicity": 1.0}),
        (GAHD, _row(hate=0, round="R1"), {**NO_GROUND, "toxicity": 0.05}),
        (GERMEVAL, _row(fine="OTHER"), ABUSE_FREE),
        (GERMEVAL, _row(fine="ABUSE"), {"toxicity": 1.0}),
        (GERMEVAL, _row(fine="INSULT"), {"racism": 0.1, "hate": 0.1, "toxicity": 1.0}),
        (GERMEVAL, _row(fine="PROFANITY"), {"toxicity": 0.2}),
        (IWG, _iwg("NO", "NO", "1"), {"racism": 0.0, "hate": 0.0}),
        (IWG, _iwg("NO", "YES", "3"), {"racism": 0.467, "hate": 0.467}),
        (IWG, _iwg("YES", "YES", "6"), {"racism": 1.0, "hate": 1.0, "toxicity": 1.0}),
        (TOLDBR, _toldbr(), ABUSE_FREE),
        (TOLDBR, _toldbr(obscene=2), {**NO_GROUND, "toxicity": 0.2}),
        (TOLDBR, _toldbr(obscene=1, insult=1), {**NO_GROUND, "toxicity": 1 / 3}),
        (TOLDBR, _toldbr(homophobia=2), {"sexism": 0.0, "racism": 0.0, "toxicity": 2 / 3}),
        (
            TOLDBR,
            _toldbr(insult=2, misogyny=1, racism=1, xenophobia=3),
            {"sexism": 1 / 3, "racism": 1.0, "hate": 1.0, "toxicity": 1.0},
        ),
        (TUPY, _tupy(), ABUSE_FREE),
        (TUPY, _tupy(aggressive=1), {**NO_GROUND, "toxicity": 0.6}),
        (TUPY, _tupy(aggressive=1, hate=1, political=1), {"sexism": 0.0, "racism": 0.0, "toxicity": 0.7}),
        (TUPY, _tupy(aggressive=1, hate=1, misogyny=1, racism=1), {"sexism": 0.7, "toxicity": 0.7}),
        (UD, _row(treebank="UD_French-Rhapsodie"), {**ABUSE_FREE, **NO_SAV}),
        (UD, _row(treebank="UD_English-EWT"), ABUSE_FREE),
        (UD, _row(treebank="UD_French-FQB"), ABUSE_FREE),
        (CAT, _row(toxic_in_context=0, api=0.1), {**ABUSE_FREE, **NO_SAV}),
        (CAT, _row(toxic_in_context=1, api=0.1), {"toxicity": 0.7, **NO_SAV}),
        (CAT, _row(toxic_no_context=1, api=0.1), {"toxicity": 0.7, **NO_SAV}),
        (CAT, _row(toxic_no_context=0, api=0.1), {**ABUSE_FREE, **NO_SAV}),
        (CAT, _row(toxic_in_context=1, toxic_out_of_context=1), {"toxicity": 0.9, **NO_SAV}),
        (CAT, _row(toxic_in_context=1, toxic_out_of_context=0), {"toxicity": 0.5, **NO_SAV}),
        (CAT, _row(toxic_in_context=0, toxic_out_of_context=1), {"toxicity": 0.2, **NO_SAV}),
        (CONVABUSE, _convabuse({"1": 3}, 3), {**ABUSE_FREE, **NO_SAV}),
        (CONVABUSE, _convabuse({"1": 2}, 2, bot="CarbonBot"), ABUSE_FREE),
        (
            CONVABUSE,
            _convabuse({"0": 1, "-1": 2, "-3": 1}, 4, racist=1),
            {"sexism": 0.0, "racism": 0.25, "hate": 0.25, "toxicity": 0.75, **NO_SAV},
        ),
        (
            CONVABUSE,
            _convabuse({"1": 1, "-2": 1}, 2, sexist=1, sex_harassment=1),
            {"sexism": 0.5, "racism": 0.0, "toxicity": 0.5, **NO_SAV},
        ),
        (
            CONVABUSE,
            _convabuse({"-1": 3, "-2": 1}, 3, sex_harassment=2, transphobic=3),
            {"racism": 0.0, "hate": 1.0, "toxicity": 1.0, **NO_SAV},
        ),
        (GUEST, _guest("None_of_the_categories"), {"sexism": 0.0, **NO_SAV}),
        (GUEST, _guest("Counter_speech"), {"sexism": 0.0, **NO_SAV}),
        (
            GUEST,
            _guest("Derogation", "Other", "Nature of the abuse is Explicit"),
            {"sexism": 1.0, "hate": 1.0, "toxicity": 1.0, **NO_SAV},
        ),
        (GUEST, _guest("Derogation", "Other", "Nature of the abuse is Implicit"), {"sexism": 1.0, **NO_SAV}),
        (
            GUEST,
            _guest("Treatment", "Threatening_Privacy"),
            {"sexism": 1.0, "hate": 1.0, "toxicity": 1.0, **NO_SAV},
        ),
        (GUEST, _guest("Treatment", "Disrespectful_actions_Other"), {"sexism": 0.8, **NO_SAV}),
        (GUEST, _guest("Misogynistic_pejorative"), {"sexism": 0.7, **NO_SAV}),
        (GUEST, _guest("Misogynistic_personal_attack"), {"sexism": 1.0, "toxicity": 1.0, **NO_SAV}),
        (GUEST, _guest("Nonmisogynistic_personal_attack"), {"sexism": 0.0, "toxicity": 1.0, **NO_SAV}),
        (FOX, _row(hateful=1), {"hate": 0.8, "toxicity": 0.8, **NO_SAV}),
        (FOX, _row(hateful=0), {**NO_GROUND, **NO_SAV}),
    ],
)
def test_native_labels_become_known_labels_and_nothing_more(
    source: Source, row: Row, expected: dict[str, float]
) -> None:
    mapped = source.mapping(row)

    assert mapped is not None
    assert set(mapped.labels) <= set(LABEL_NAMES)
    assert mapped.labels == pytest.approx(expected)
    assert mapped.intent is None


@pytest.mark.parametrize(
    ("source", "row"),
    [
        (MLMA, _mlma("hateful_normal", "origin", "arabs")),
        (MLMA, _mlma("abusive_disrespectful", "origin", "arabs")),
        (FTR, _row("quel nazi ce type", racist=1)),
        (FTR, _row("le negro a gagné", racist=1)),
        (JIGSAW, _jigsaw(0, "Désolé, je ne peux pas vous aider avec ça.", toxic=1)),
        (TOLDBR, _toldbr("n\u8305o sei")),
    ],
)
def test_unreadable_and_undecided_rows_are_dropped(source: Source, row: Row) -> None:
    assert source.mapping(row) is None


def test_hashed_split_is_fixed_and_near_80_10_10() -> None:
    rows = [{"id": f"row-{number}"} for number in range(2000)]
    counts = Counter(hashed_split(row) for row in rows)

    assert [hashed_split(rows[number]) for number in (0, 11, 16)] == ["train", "test", "validation"]
    assert counts["test"] == pytest.approx(200, abs=50)
    assert counts["validation"] == pytest.approx(200, abs=50)


def test_hashed_split_keeps_a_pair_together() -> None:
    assert len({hashed_split({"id": f"row-{number}", "pair": "p"}) for number in range(50)}) == 1


def test_native_test_rows_stay_test_and_some_training_rows_validate() -> None:
    tests = {native_test_split({"id": f"row-{number}", "split": "test"}) for number in range(50)}
    others = {native_test_split({"id": f"row-{number}", "split": "train"}) for number in range(50)}

    assert tests == {"test"}
    assert others == {"train", "validation"}
