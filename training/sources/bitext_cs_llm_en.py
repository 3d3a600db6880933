"""Bitext customer-service requests, generated from templates: chatbot training set, without the responses."""

from typing import Any

from training.sources.base import HubOrigin, Row, Source
from training.sources.bitext_cs_sample_en import mapping
from training.sources.splits import hashed_split


def convert(row: Row) -> dict[str, Any]:
    """The Hub carries a later, larger release with the same intents; it calls the tags flags."""
    labels = {"intent": row["intent"], "category": row["category"], "tags": row["flags"]}
    return {"text": row["instruction"], "lang": "en", "context": None, "labels": labels}


SOURCE = Source(
    name="bitext_cs_llm_en",
    title="Bitext Customer Service Tagged Training Dataset for LLM-based Chatbots",
    origin="github.com/bitext/customer-support-llm-chatbot-training-dataset at 8b6ca3d9559a",
    licence="CDLA-Sharing-1.0",
    citation="Bitext 2023, Customer Service Tagged Training Dataset for LLM-based Chatbots",
    languages=("en",),
    mapping=mapping,
    hub=HubOrigin("bitext/Bitext-customer-support-llm-chatbot-training-dataset", convert),
    split=hashed_split,
)
