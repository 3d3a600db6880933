"""Bitext customer-service requests, generated from templates: intent-detection sample."""

from labels.taxonomy import ABUSE_LABELS, IntentName, LabelName
from training.sources.base import Mapped, Row, Source

INTENTS: dict[str, IntentName | None] = {
    "cancel_order": "return_refund",
    "change_order": "order_delivery",
    "change_shipping_address": "order_delivery",
    "check_cancellation_fee": "return_refund",
    "check_invoice": "payment",
    "check_payment_methods": "payment",
    "check_refund_policy": "return_refund",
    "complaint": "defect_complaint",
    "contact_customer_service": "contact",
    "contact_human_agent": "contact",
    "create_account": "account",
    "delete_account": "account",
    "delivery_options": "order_delivery",
    "delivery_period": "order_delivery",
    "edit_account": "account",
    "get_invoice": "payment",
    "get_refund": "return_refund",
    "newsletter_subscription": "account",
    "payment_issue": "payment",
    "place_order": "order_delivery",
    "recover_password": "account",
    "registration_problems": "account",
    "review": None,
    "set_up_shipping_address": "order_delivery",
    "switch_account": "account",
    "track_order": "order_delivery",
    "track_refund": "return_refund",
}


def mapping(row: Row) -> Mapped:
    """Every message is a customer's own case, free of abuse.

    Tag W marks swear words ("my damn order"): they aim at nobody, but a reader may find them rude, so
    toxicity is unknown there. Leaving a review fits no intent.
    """
    native = row["labels"]
    labels: dict[LabelName, float] = {**dict.fromkeys(ABUSE_LABELS, 0.0), "sav": 1.0}
    if "W" in native["tags"]:
        del labels["toxicity"]
    return Mapped(labels, INTENTS[native["intent"]])


SOURCE = Source(
    name="bitext_cs_sample_en",
    title="Bitext Customer Service Tagged Training Dataset for Intent Detection",
    origin="github.com/bitext/customer-support-intent-detection-training-dataset at e970229e6473",
    licence="CDLA-Sharing-1.0",
    citation="Bitext 2022, Customer Service Tagged Training Dataset for Intent Detection",
    languages=("en",),
    mapping=mapping,
)
