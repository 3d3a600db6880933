"""Invented rows in each source's native shape, and what its mapping must make of them."""

import importlib
from typing import Any, get_args

import pytest

from labels.taxonomy import IntentName
from training.sources import (
    banking77_en,
    bitext_cs_llm_en,
    bitext_cs_sample_en,
    clinc150_en,
    davidson_en,
    hint3_en,
    sbic_dev_en,
)
from training.sources.base import Mapped, Row, Source

CLEAN = {"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0}
NO_GROUP_ABUSE = {"sexism": 0.0, "racism": 0.0, "hate": 0.0}


def row(labels: dict[str, Any], text: str = "an invented message") -> Row:
    return {"id": "x-1", "text": text, "lang": "en", "context": None, "labels": labels, "split": "train"}


def source_named(name: str) -> Source:
    source: Source = importlib.import_module(f"training.sources.{name}").SOURCE
    return source


def bitext(intent: str, tags: str) -> dict[str, Any]:
    return {"intent": intent, "category": "ANY", "tags": tags}


def davidson(hate: int, offensive: int, neither: int) -> dict[str, Any]:
    votes = {"hate": hate, "offensive": offensive, "neither": neither}
    return {
        "count": sum(votes.values()),
        "hate_speech": hate,
        "offensive_language": offensive,
        "neither": neither,
        "class": max(votes, key=lambda name: votes[name]),
    }


def edos(sexist: str, category: str) -> dict[str, Any]:
    return {"label_sexist": sexist, "label_category": category, "label_vector": "none"}


def hatemoji(hate: int, target: str) -> dict[str, Any]:
    return {"hate": hate, "type": "none", "target": target, "round": "5a", "set": "original"}


def sbic(
    offensive: str, group: str, category: str = "", minority: str = "", meant: str = "1.0"
) -> dict[str, Any]:
    return {
        "whoTarget": group,
        "intentYN": meant,
        "sexYN": "0.0",
        "offensiveYN": offensive,
        "targetMinority": minority,
        "targetCategory": category,
        "targetStereotype": "",
    }


def toxichat(label: str, *targets: str) -> dict[str, Any]:
    return {"offense_label": label, "offense_targets": list(targets), "stance": {}}


def stormfront(label: str, contexts: str = "0") -> dict[str, Any]:
    return {"label": label, "num_contexts": contexts}


CASES: list[tuple[str, dict[str, Any], dict[str, float], IntentName | None]] = [
    ("banking77_en", {"intent": "card_arrival"}, {**CLEAN, "sav": 1.0}, "order_delivery"),
    ("banking77_en", {"intent": "Refund_not_showing_up"}, {**CLEAN, "sav": 1.0}, "return_refund"),
    ("banking77_en", {"intent": "cancel_transfer"}, {**CLEAN, "sav": 1.0}, None),
    ("bitext_cs_sample_en", bitext("track_order", "BIL"), {**CLEAN, "sav": 1.0}, "order_delivery"),
    ("bitext_cs_sample_en", bitext("review", "B"), {**CLEAN, "sav": 1.0}, None),
    ("bitext_cs_sample_en", bitext("complaint", "BLW"), {**NO_GROUP_ABUSE, "sav": 1.0}, "defect_complaint"),
    ("bitext_cs_llm_en", bitext("get_invoice", "BKL"), {**CLEAN, "sav": 1.0}, "payment"),
    ("bitext_cs_llm_en", bitext("edit_account", "BW"), {**NO_GROUP_ABUSE, "sav": 1.0}, "account"),
    ("clinc150_en", {"intent": "order_status"}, {**CLEAN, "sav": 1.0}, "order_delivery"),
    ("clinc150_en", {"intent": "lost_luggage"}, {**CLEAN, "sav": 1.0}, None),
    ("clinc150_en", {"intent": "tell_joke"}, {**CLEAN, "sav": 0.0}, None),
    ("clinc150_en", {"intent": "book_hotel"}, CLEAN, None),
    ("clinc150_en", {"intent": "oos"}, {**CLEAN, "sav": 0.1}, None),
    ("hint3_en", {"intent": "EMI", "product": "sofmattress"}, {**CLEAN, "sav": 1.0}, "payment"),
    ("hint3_en", {"intent": "THANKS", "product": "powerplay11"}, {**CLEAN, "sav": 0.0}, None),
    ("hint3_en", {"intent": "FRANCHISE", "product": "curekart"}, CLEAN, None),
    ("hint3_en", {"intent": "NO_NODES_DETECTED", "product": "curekart"}, NO_GROUP_ABUSE, None),
    ("nlu_evaluation_en", {"scenario": "alarm", "intent": "set"}, {**CLEAN, "sav": 0.0}, None),
    ("nlu_evaluation_en", {"scenario": "takeaway", "intent": "query"}, CLEAN, None),
    ("nlu_evaluation_en", {"scenario": "social", "intent": "post"}, CLEAN, None),
    (
        "nlu_evaluation_en",
        {"scenario": "general", "intent": "commandstop"},
        {**NO_GROUP_ABUSE, "sav": 0.0},
        None,
    ),
    ("davidson_en", davidson(0, 0, 3), {**CLEAN, "sav": 0.0}, None),
    ("davidson_en", davidson(0, 1, 3), {**CLEAN, "toxicity": 0.25, "sav": 0.0}, None),
    ("davidson_en", davidson(0, 3, 0), {"hate": 0.0, "racism": 0.0, "sav": 0.0}, None),
    ("davidson_en", davidson(1, 3, 0), {"hate": 0.25, "sav": 0.0}, None),
    ("davidson_en", davidson(3, 0, 0), {"hate": 1.0, "toxicity": 1.0, "sav": 0.0}, None),
    ("dynamically_generated_hate_en", {"hate": 1}, {"hate": 1.0, "toxicity": 1.0, "sav": 0.0}, None),
    ("dynamically_generated_hate_en", {"hate": 0}, {**NO_GROUP_ABUSE, "toxicity": 0.2, "sav": 0.0}, None),
    ("edos_en", edos("not sexist", "none"), {"sexism": 0.0, "sav": 0.0}, None),
    ("edos_en", edos("sexist", "3. animosity"), {"sexism": 1.0, "sav": 0.0}, None),
    (
        "edos_en",
        edos("sexist", "2. derogation"),
        {"sexism": 1.0, "hate": 1.0, "toxicity": 1.0, "sav": 0.0},
        None,
    ),
    ("hatemojibuild_en", hatemoji(0, "['none']"), {**NO_GROUP_ABUSE, "toxicity": 0.1, "sav": 0.0}, None),
    (
        "hatemojibuild_en",
        hatemoji(1, "['wom']"),
        {"hate": 1.0, "toxicity": 1.0, "sexism": 1.0, "racism": 0.0, "sav": 0.0},
        None,
    ),
    (
        "hatemojibuild_en",
        hatemoji(1, "['immig', 'dis']"),
        {"hate": 1.0, "toxicity": 1.0, "sexism": 0.0, "racism": 1.0, "sav": 0.0},
        None,
    ),
    (
        "hatemojibuild_en",
        hatemoji(1, "['gayman']"),
        {"hate": 1.0, "toxicity": 1.0, "sexism": 0.0, "racism": 0.0, "sav": 0.0},
        None,
    ),
    (
        "hatemojibuild_en",
        hatemoji(1, "['muswom']"),
        {"hate": 1.0, "toxicity": 1.0, "racism": 1.0, "sav": 0.0},
        None,
    ),
    (
        "hatemojibuild_en",
        hatemoji(1, "['trans']"),
        {"hate": 1.0, "toxicity": 1.0, "racism": 0.0, "sav": 0.0},
        None,
    ),
    ("measuring_hate_binary_en", {"hate": 1}, {"toxicity": 0.8, "sav": 0.0}, None),
    ("measuring_hate_binary_en", {"hate": 0}, {"hate": 0.0, "racism": 0.0, "sav": 0.0}, None),
    ("sbic_dev_en", sbic("0.0", "", meant="0.0"), {**CLEAN, "sav": 0.0}, None),
    ("sbic_dev_en", sbic("1.0", "0.0"), {"racism": 0.0, "hate": 0.0, "sav": 0.0}, None),
    (
        "sbic_dev_en",
        sbic("0.5", "1.0", "race", "asian folks"),
        {"sexism": 0.0, "racism": 0.5, "hate": 0.5, "toxicity": 0.5, "sav": 0.0},
        None,
    ),
    (
        "sbic_dev_en",
        sbic("1.0", "1.0", "gender", "women, feminists", meant="0.33"),
        {"sexism": 1.0, "racism": 0.0, "hate": 0.33, "toxicity": 1.0, "sav": 0.0},
        None,
    ),
    (
        "sbic_dev_en",
        sbic("1.0", "1.0", "gender", "gay men"),
        {"sexism": 0.0, "racism": 0.0, "hate": 1.0, "toxicity": 1.0, "sav": 0.0},
        None,
    ),
    (
        "sbic_dev_en",
        sbic("1.0", "1.0", "gender", "trans women, trans men"),
        {"racism": 0.0, "hate": 1.0, "toxicity": 1.0, "sav": 0.0},
        None,
    ),
    (
        "sbic_dev_en",
        sbic("1.0", "1.0", "disabled", "physically disabled folks"),
        {"sexism": 0.0, "racism": 0.0, "hate": 1.0, "toxicity": 1.0, "sav": 0.0},
        None,
    ),
    ("sbic_dev_en", sbic("1.0", "1.0", "victim", "assault victims"), {"toxicity": 1.0, "sav": 0.0}, None),
    ("toxichat_reddit_en", toxichat("Safe"), {**CLEAN, "sav": 0.0}, None),
    ("toxichat_reddit_en", toxichat("Offensive"), {"sav": 0.0}, None),
    ("toxichat_reddit_en", toxichat("Offensive", "women"), {"toxicity": 0.6, "sav": 0.0}, None),
    (
        "toxichat_reddit_en",
        toxichat("Offensive", "individual/redditor"),
        {"racism": 0.0, "hate": 0.0, "toxicity": 0.6, "sav": 0.0},
        None,
    ),
    ("vicomtech_stormfront_en", stormfront("noHate", "2"), {"hate": 0.0, "sav": 0.0}, None),
    (
        "vicomtech_stormfront_en",
        stormfront("hate"),
        {"hate": 1.0, "racism": 0.9, "toxicity": 1.0, "sav": 0.0},
        None,
    ),
]


@pytest.mark.parametrize(("name", "native", "labels", "intent"), CASES)
def test_mapping(
    name: str, native: dict[str, Any], labels: dict[str, float], intent: IntentName | None
) -> None:
    mapped = source_named(name).mapping(row(native))
    assert mapped is not None
    assert mapped.labels == pytest.approx(labels)
    assert mapped.intent == intent


@pytest.mark.parametrize(
    ("name", "native"),
    [
        ("dynamically_generated_hate_en", {"hate": None}),
        ("sbic_dev_en", sbic("", "")),
        ("vicomtech_stormfront_en", stormfront("hate", "1")),
        ("vicomtech_stormfront_en", stormfront("relation")),
        ("vicomtech_stormfront_en", stormfront("idk/skip")),
    ],
)
def test_undecided_rows_are_not_used(name: str, native: dict[str, Any]) -> None:
    assert source_named(name).mapping(row(native)) is None


HUB_ROWS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "banking77_en",
        {"text": "where is my card", "label": 11},
        "where is my card",
        {"intent": "card_arrival"},
    ),
    (
        "banking77_en",
        {"text": "no refund yet", "label": 51},
        "no refund yet",
        {"intent": "Refund_not_showing_up"},
    ),
    ("clinc150_en", {"text": "who wrote this poem", "intent": 42}, "who wrote this poem", {"intent": "oos"}),
    ("clinc150_en", {"text": "louder", "intent": 150}, "louder", {"intent": "change_volume"}),
    (
        "bitext_cs_llm_en",
        {
            "flags": "BL",
            "instruction": "track order {{Order Number}}",
            "category": "ORDER",
            "intent": "track_order",
            "response": "Certainly!",
        },
        "track order {{Order Number}}",
        {"intent": "track_order", "category": "ORDER", "tags": "BL"},
    ),
    (
        "davidson_en",
        {
            "count": 3,
            "hate_speech_count": 0,
            "offensive_language_count": 1,
            "neither_count": 2,
            "class": 2,
            "tweet": "what a game",
        },
        "what a game",
        {"count": 3, "hate_speech": 0, "offensive_language": 1, "neither": 2, "class": "neither"},
    ),
]


@pytest.mark.parametrize(("name", "hub_row", "text", "labels"), HUB_ROWS)
def test_hub_rows_become_native_rows(
    name: str, hub_row: dict[str, Any], text: str, labels: dict[str, Any]
) -> None:
    source = source_named(name)
    assert source.hub is not None
    converted = source.hub.convert(hub_row)
    assert converted == {"text": text, "lang": "en", "context": None, "labels": labels}
    assert isinstance(source.mapping(converted), Mapped)


@pytest.mark.parametrize("module", [banking77_en, bitext_cs_sample_en, clinc150_en, hint3_en])
def test_intent_tables_speak_the_taxonomy(module: Any) -> None:
    assert set(module.INTENTS.values()) <= {*get_args(IntentName), None}


def test_intent_tables_are_whole_and_do_not_overlap() -> None:
    assert len(banking77_en.INTENTS) == 77
    assert len(bitext_cs_sample_en.INTENTS) == 27
    assert bitext_cs_llm_en.SOURCE.mapping is bitext_cs_sample_en.SOURCE.mapping
    assert not clinc150_en.UNDECIDED & set(clinc150_en.INTENTS)
    assert not (hint3_en.UNDECIDED | hint3_en.NOT_SAV) & set(hint3_en.INTENTS)


def test_clinc_intents_are_known_to_the_hub() -> None:
    hub_names = [
        clinc150_en.convert({"text": "x", "intent": number})["labels"]["intent"] for number in range(151)
    ]
    assert len(set(hub_names)) == 151
    assert set(clinc150_en.INTENTS) | clinc150_en.UNDECIDED <= set(hub_names)


def test_rows_of_one_post_share_their_split() -> None:
    native = sbic("1.0", "0.0")
    rows = [{**row(native, "the same post"), "id": f"sbf-{number}"} for number in range(20)]
    assert len({sbic_dev_en.SOURCE.split(each) for each in rows}) == 1


def test_votes_of_a_hub_row_stay_shares() -> None:
    votes = {"hate_speech_count": 1, "offensive_language_count": 1, "neither_count": 0}
    converted = davidson_en.convert({"count": 2, **votes, "class": 1, "tweet": "an invented tweet"})
    assert davidson_en.mapping(converted).labels["hate"] == pytest.approx(0.5)
