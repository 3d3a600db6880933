"""HINT3: what customers typed to the bots of a supplement shop, a mattress shop and a fantasy-sports app."""

from labels.taxonomy import ABUSE_LABELS, IntentName, LabelName
from training.sources.base import Mapped, Row, Source
from training.sources.splits import native_test_split

INTENTS: dict[str, IntentName | None] = {  # a customer's own case; its intent where one fits
    "CALL_CENTER": "contact",
    "CANCEL_ORDER": "return_refund",
    "CHAT_WITH_AGENT": "contact",
    "CHECK_PINCODE": "order_delivery",
    "CONSULT_START": "product_info",
    "DELAY_IN_PARCEL": "order_delivery",
    "EXPIRY_DATE": "product_info",
    "IMMUNITY": "product_info",
    "INTERNATIONAL_SHIPPING": "order_delivery",
    "MODES_OF_PAYMENTS": "payment",
    "MODIFY_ADDRESS": "order_delivery",
    "ORDER_QUERY": "order_delivery",
    "ORDER_STATUS": "order_delivery",
    "ORDER_TAKING": None,
    "ORIGINAL_PRODUCT": "product_info",
    "PAYMENT_AND_BILL": "payment",
    "PORTAL_ISSUE": "defect_complaint",
    "RECOMMEND_PRODUCT": "product_info",
    "REFER_EARN": "price_promo",
    "REFUNDS_RETURNS_REPLACEMENTS": "return_refund",
    "RESUME_DELIVERY": "order_delivery",
    "SIDE_EFFECT": "product_info",
    "SIGN_UP": "account",
    "STORE_INFORMATION": "store_info",
    "USER_GOAL_FORM": None,
    "WORK_FROM_HOME": "store_info",
    "ACCOUNT_BALANCE_DEDUCTED": "payment",
    "ACCOUNT_NOT_VERIFIED": "account",
    "ACCOUNT_RESET": "account",
    "BANK_VERIFICATION_DETAILS": "account",
    "CANNOT_SEE_JOINED_CONTESTS": "defect_complaint",
    "CASH_BONUS": "price_promo",
    "CASH_BONUS_EXPIRY": "price_promo",
    "CHANGE_BANK_ACCOUNT": "account",
    "CHANGE_MOBILE_NUMBER": "account",
    "CHANGE_PROFILE_TEAM_DETAILS": "account",
    "CHAT_WITH_AN_AGENT": "contact",
    "CHECK_DEPOSIT_STATUS": "payment",
    "CHECK_WALLET_BALANCE": "payment",
    "CONTACT_NUMBER": "contact",
    "DEDUCTED_AMOUNT_NOT_RECEIVED": "payment",
    "DELETE_PAN_CARD": "account",
    "DOWNLOAD_POWERPLAY11": "product_info",
    "FAIRPLAY_VIOLATIONS": None,
    "FAKE_TEAMS": "defect_complaint",
    "HOW_POINTS_CALCULATED": "product_info",
    "HOW_TO_PLAY": "product_info",
    "INSTANT_WITHDRAWAL": "payment",
    "JOIN_CONTEST": "product_info",
    "LESS_WINNINGS_AMOUNT": "defect_complaint",
    "MATCH_ABANDONED": None,
    "NEW_TEAM_PATTERN": "product_info",
    "NO_EMAIL_CONFIRMATION": "account",
    "OFFERS_AND_REFERRALS": "price_promo",
    "PAN_VERIFICATION_FAILED": "account",
    "POINTS_NOT_UPDATED": "defect_complaint",
    "REFUND_OF_ADDED_CASH": "return_refund",
    "REFUND_OF_WRONG_AMOUNT": "return_refund",
    "SIGNUP_BONUS": "price_promo",
    "TAXES_ON_WINNINGS": "payment",
    "TEAM_DEADLINE": "product_info",
    "TYPES_BONUS": "price_promo",
    "TYPES_CONTESTS": "product_info",
    "UNUTILIZED_MONEY": "payment",
    "UPDATE_APP": "product_info",
    "VERIFY_EMAIL": "account",
    "VERIFY_MOBILE": "account",
    "VERIFY_PAN": "account",
    "WHAT_IF_THERES_A_TIE": "product_info",
    "WHEN_SCORES_UPDATED": None,
    "WHEN_WINNINGS_DISTRIBUTED": "payment",
    "WHY_VERIFY": "account",
    "WINNINGS": "payment",
    "WITHDRAWAL_INTRO": "payment",
    "WITHDRAWAL_STATUS": "payment",
    "WITHDRAWAL_TIME": "payment",
    "WITHDRAW_CASH_BONUS": "payment",
    "WRONG_SCORES": "defect_complaint",
    "100_NIGHT_TRIAL_OFFER": "return_refund",  # "can I try it, then send it back?"
    "ABOUT_SOF_MATTRESS": "product_info",
    "COD": "payment",
    "COMPARISON": "product_info",
    "DELAY_IN_DELIVERY": "order_delivery",
    "DISTRIBUTORS": "store_info",
    "EMI": "payment",
    "ERGO_FEATURES": "product_info",
    "LEAD_GEN": "contact",
    "MATTRESS_COST": "price_promo",
    "OFFERS": "price_promo",
    "ORTHO_FEATURES": "product_info",
    "PILLOWS": "product_info",
    "PRODUCT_VARIANTS": "product_info",
    "RETURN_EXCHANGE": "return_refund",
    "SIZE_CUSTOMIZATION": "product_info",
    "WARRANTY": "product_info",
    "WHAT_SIZE_TO_ORDER": "product_info",
}

NOT_SAV = frozenset({"APPRECIATION", "GREETINGS_DAY", "PRESENCE", "START_OVER", "THANKS"})

# Cases, trade enquiries and remarks in one class, or words that the bot did not understand.
UNDECIDED = frozenset({"CAPABILITIES", "CRITICISM", "FEEDBACK", "FRANCHISE", "NO_NODES_DETECTED"})

# "You are stupid" to a bot, "cheater" to a company.
_MAYBE_TOXIC = frozenset({"CRITICISM", "FAKE_TEAMS", "NO_NODES_DETECTED"})


def mapping(row: Row) -> Mapped:
    """Requests to a company are a customer's own case; greetings, thanks and navigation are not.

    The messages are free of abuse of groups; in a few classes some insult the bot or the company, so toxicity
    is unknown there.
    """
    intent = row["labels"]["intent"]
    labels: dict[LabelName, float] = dict.fromkeys(ABUSE_LABELS, 0.0)
    if intent in _MAYBE_TOXIC:
        del labels["toxicity"]
    if intent not in UNDECIDED:
        labels["sav"] = float(intent not in NOT_SAV)
    return Mapped(labels, INTENTS.get(intent))


SOURCE = Source(
    name="hint3_en",
    title="HINT3",
    origin="github.com/hellohaptik/HINT3 at 99965c892ea9",
    licence="ODbL-1.0",
    citation="Arora et al. 2020, HINT3: Raising the bar for Intent Detection in the Wild, arXiv:2009.13833",
    languages=("en",),
    mapping=mapping,
    split=native_test_split,
)
