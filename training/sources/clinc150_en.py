"""CLINC150: requests to an assistant, some of them a bank's or a shop's customer's own case."""

from typing import Any

from labels.taxonomy import ABUSE_LABELS, IntentName, LabelName
from training.sources.base import HubOrigin, Mapped, Row, Source

INTENTS: dict[str, IntentName | None] = {  # a customer's own case; its intent where one fits
    "account_blocked": "account",
    "application_status": "account",
    "apr": "payment",
    "balance": "account",
    "card_declined": "payment",
    "carry_on": "product_info",
    "credit_limit": "payment",
    "credit_limit_change": "payment",
    "damaged_card": "payment",
    "direct_deposit": "payment",
    "expiration_date": "payment",
    "freeze_account": "account",
    "interest_rate": None,
    "international_fees": "price_promo",
    "lost_luggage": None,
    "min_payment": "payment",
    "new_card": None,
    "order_checks": "order_delivery",
    "order_status": "order_delivery",
    "pin_change": "account",
    "redeem_rewards": "price_promo",
    "replacement_card_duration": "order_delivery",
    "report_fraud": "payment",
    "report_lost_card": "payment",
    "rewards_balance": "price_promo",
    "routing": "account",
    "transactions": "payment",
    "travel_notification": "account",
}

# A company's customer or an assistant's owner could say these.
UNDECIDED = {
    "accept_reservations",
    "bill_balance",
    "bill_due",
    "book_flight",
    "book_hotel",
    "cancel_reservation",
    "car_rental",
    "confirm_reservation",
    "credit_score",
    "exchange_rate",
    "flight_status",
    "insurance",
    "insurance_change",
    "order",
    "pay_bill",
    "restaurant_reservation",
    "rollover_401k",
    "schedule_maintenance",
    "spending_history",
    "transfer",
    "uber",
}

_OUT_OF_SCOPE_SAV = 0.1  # share of a customer's own cases among the out-of-scope requests that were read

# The Hub's class labels, in its order.
# fmt: off
_HUB_INTENTS = (
    "restaurant_reviews", "nutrition_info", "account_blocked", "oil_change_how", "time", "weather",
    "redeem_rewards", "interest_rate", "gas_type", "accept_reservations", "smart_home", "user_name",
    "report_lost_card", "repeat", "whisper_mode", "what_are_your_hobbies", "order", "jump_start",
    "schedule_meeting", "meeting_schedule", "freeze_account", "what_song", "meaning_of_life",
    "restaurant_reservation", "traffic", "make_call", "text", "bill_balance", "improve_credit_score",
    "change_language", "no", "measurement_conversion", "timer", "flip_coin", "do_you_have_pets",
    "balance", "tell_joke", "last_maintenance", "exchange_rate", "uber", "car_rental", "credit_limit",
    "oos", "shopping_list", "expiration_date", "routing", "meal_suggestion", "tire_change", "todo_list",
    "card_declined", "rewards_balance", "change_accent", "vaccines", "reminder_update", "food_last",
    "change_ai_name", "bill_due", "who_do_you_work_for", "share_location", "international_visa",
    "calendar", "translate", "carry_on", "book_flight", "insurance_change", "todo_list_update",
    "timezone", "cancel_reservation", "transactions", "credit_score", "report_fraud",
    "spending_history", "directions", "spelling", "insurance", "what_is_your_name", "reminder",
    "where_are_you_from", "distance", "payday", "flight_status", "find_phone", "greeting", "alarm",
    "order_status", "confirm_reservation", "cook_time", "damaged_card", "reset_settings", "pin_change",
    "replacement_card_duration", "new_card", "roll_dice", "income", "taxes", "date", "who_made_you",
    "pto_request", "tire_pressure", "how_old_are_you", "rollover_401k", "pto_request_status",
    "how_busy", "application_status", "recipe", "calendar_update", "play_music", "yes",
    "direct_deposit", "credit_limit_change", "gas", "pay_bill", "ingredients_list", "lost_luggage",
    "goodbye", "what_can_i_ask_you", "book_hotel", "are_you_a_bot", "next_song", "change_speed",
    "plug_type", "maybe", "w2", "oil_change_when", "thank_you", "shopping_list_update", "pto_balance",
    "order_checks", "travel_alert", "fun_fact", "sync_device", "schedule_maintenance", "apr",
    "transfer", "ingredient_substitution", "calories", "current_location", "international_fees",
    "calculator", "definition", "next_holiday", "update_playlist", "mpg", "min_payment",
    "change_user_name", "restaurant_suggestion", "travel_notification", "cancel", "pto_used",
    "travel_suggestion", "change_volume",
)
# fmt: on


def _sav(intent: str) -> float | None:
    if intent in UNDECIDED:
        return None
    if intent == "oos":
        return _OUT_OF_SCOPE_SAV
    return float(intent in INTENTS)


def mapping(row: Row) -> Mapped:
    """Requests free of abuse: banking and orders are a customer's own case, commands and small talk not.

    What an assistant would do for its owner and a company for its customer (book, pay, transfer) leaves sav
    unknown. Out-of-scope requests are anything else: about one in ten is still addressed to a company.
    """
    intent = row["labels"]["intent"]
    labels: dict[LabelName, float] = dict.fromkeys(ABUSE_LABELS, 0.0)
    sav = _sav(intent)
    if sav is not None:
        labels["sav"] = sav
    return Mapped(labels, INTENTS.get(intent))


def convert(row: Row) -> dict[str, Any]:
    """The Hub numbers the intents."""
    intent = _HUB_INTENTS[row["intent"]]
    return {"text": row["text"], "lang": "en", "context": None, "labels": {"intent": intent}}


SOURCE = Source(
    name="clinc150_en",
    title="CLINC150",
    origin="github.com/clinc/oos-eval at 828f8093932c",
    licence="CC-BY-3.0",
    citation="Larson et al. 2019, An Evaluation Dataset for Intent Classification and Out-of-Scope "
    "Prediction, arXiv:1909.02027",
    languages=("en",),
    mapping=mapping,
    hub=HubOrigin("clinc/clinc_oos", convert, config="plus"),
)
