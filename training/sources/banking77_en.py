"""BANKING77: questions of an online bank's customers."""

from typing import Any

from labels.taxonomy import ABUSE_LABELS, IntentName, LabelName
from training.sources.base import HubOrigin, Mapped, Row, Source
from training.sources.splits import native_test_split

_NO_ABUSE: dict[LabelName, float] = dict.fromkeys(ABUSE_LABELS, 0.0)

INTENTS: dict[str, IntentName | None] = {  # in the order of the Hub's class labels
    "activate_my_card": "payment",
    "age_limit": "account",
    "apple_pay_or_google_pay": "payment",
    "atm_support": "payment",
    "automatic_top_up": "payment",
    "balance_not_updated_after_bank_transfer": "payment",
    "balance_not_updated_after_cheque_or_cash_deposit": "payment",
    "beneficiary_not_allowed": "payment",
    "cancel_transfer": None,
    "card_about_to_expire": "payment",
    "card_acceptance": "payment",
    "card_arrival": "order_delivery",
    "card_delivery_estimate": "order_delivery",
    "card_linking": "payment",
    "card_not_working": "defect_complaint",
    "card_payment_fee_charged": "payment",
    "card_payment_not_recognised": "payment",
    "card_payment_wrong_exchange_rate": "payment",
    "card_swallowed": "payment",
    "cash_withdrawal_charge": "payment",
    "cash_withdrawal_not_recognised": "payment",
    "change_pin": "account",
    "compromised_card": "payment",
    "contactless_not_working": "defect_complaint",
    "country_support": "availability",
    "declined_card_payment": "payment",
    "declined_cash_withdrawal": "payment",
    "declined_transfer": "payment",
    "direct_debit_payment_not_recognised": "payment",
    "disposable_card_limits": "product_info",
    "edit_personal_details": "account",
    "exchange_charge": "price_promo",
    "exchange_rate": "price_promo",
    "exchange_via_app": "product_info",
    "extra_charge_on_statement": "payment",
    "failed_transfer": "payment",
    "fiat_currency_support": "product_info",
    "get_disposable_virtual_card": None,
    "get_physical_card": "account",  # its messages ask for the card's PIN
    "getting_spare_card": None,
    "getting_virtual_card": None,
    "lost_or_stolen_card": "payment",
    "lost_or_stolen_phone": "account",
    "order_physical_card": "order_delivery",
    "passcode_forgotten": "account",
    "pending_card_payment": "payment",
    "pending_cash_withdrawal": "payment",
    "pending_top_up": "payment",
    "pending_transfer": "payment",
    "pin_blocked": "account",
    "receiving_money": "payment",
    "Refund_not_showing_up": "return_refund",
    "request_refund": "return_refund",
    "reverted_card_payment?": "payment",
    "supported_cards_and_currencies": "payment",
    "terminate_account": "account",
    "top_up_by_bank_transfer_charge": "price_promo",
    "top_up_by_card_charge": "price_promo",
    "top_up_by_cash_or_cheque": "payment",
    "top_up_failed": "payment",
    "top_up_limits": "payment",
    "top_up_reverted": "payment",
    "topping_up_by_card": "payment",
    "transaction_charged_twice": "payment",
    "transfer_fee_charged": "payment",
    "transfer_into_account": "payment",
    "transfer_not_received_by_recipient": "payment",
    "transfer_timing": "payment",
    "unable_to_verify_identity": "account",
    "verify_my_identity": "account",
    "verify_source_of_funds": "account",
    "verify_top_up": "payment",
    "virtual_card_not_working": "defect_complaint",
    "visa_or_mastercard": "product_info",
    "why_verify_identity": "account",
    "wrong_amount_of_cash_received": "payment",
    "wrong_exchange_rate_for_cash_withdrawal": "payment",
}


def mapping(row: Row) -> Mapped:
    """Every message is a customer's own case, free of abuse (a few call a machine stupid).

    Asking for another card or to cancel a transfer fits several intents or none, so its intent stays open.
    """
    return Mapped({**_NO_ABUSE, "sav": 1.0}, INTENTS[row["labels"]["intent"]])


def convert(row: Row) -> dict[str, Any]:
    """The Hub numbers the intents."""
    intent = tuple(INTENTS)[row["label"]]
    return {"text": row["text"], "lang": "en", "context": None, "labels": {"intent": intent}}


SOURCE = Source(
    name="banking77_en",
    title="BANKING77",
    origin="github.com/PolyAI-LDN/task-specific-datasets at 57ec275d8078",
    licence="CC-BY-4.0",
    citation="Casanueva et al. 2020, Efficient Intent Detection with Dual Sentence Encoders, "
    "arXiv:2003.04807",
    languages=("en",),
    mapping=mapping,
    hub=HubOrigin("legacy-datasets/banking77", convert),
    split=native_test_split,
)
