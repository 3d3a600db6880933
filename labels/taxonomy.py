"""The labels and SAV intents that Vigie knows, with their definitions.

Everything else (heads, charters, API, moderators' forms, cards) reads them from here, in this order.
"""

from dataclasses import dataclass
from typing import Literal, get_args

LabelName = Literal["sexism", "racism", "hate", "toxicity", "sav"]
IntentName = Literal[
    "availability",
    "price_promo",
    "product_info",
    "order_delivery",
    "return_refund",
    "defect_complaint",
    "payment",
    "account",
    "contact",
    "store_info",
]

LABEL_NAMES: tuple[LabelName, ...] = get_args(LabelName)
INTENT_NAMES: tuple[IntentName, ...] = get_args(IntentName)
ABUSE_LABELS: tuple[LabelName, ...] = ("sexism", "racism", "hate", "toxicity")


@dataclass(frozen=True)
class Definition:
    """What a label or an intent means, in English and in French, and who says so."""

    name: str
    en: str
    fr: str
    source: str


LABELS: tuple[Definition, ...] = (
    Definition(
        "sexism",
        en="Demeans, objectifies, stereotypes, threatens or excludes someone because of sex or gender.",
        fr="Rabaisse, réduit à un objet ou à un stéréotype, menace ou exclut quelqu'un en raison de son sexe "
        "ou de son genre.",
        source="Kirk et al. 2023, SemEval-2023 task 10 (EDOS)",
    ),
    Definition(
        "racism",
        en='Holds a person or group in contempt on the ground of "race", colour, language, religion, '
        "nationality, or national or ethnic origin; antisemitism and anti-Muslim hatred are in.",
        fr="Méprise une personne ou un groupe en raison de la « race », de la couleur, de la langue, de la "
        "religion, de la nationalité ou de l'origine nationale ou ethnique ; l'antisémitisme et la haine "
        "antimusulmane en sont.",
        source="ECRI, General Policy Recommendation No. 7",
    ),
    Definition(
        "hate",
        en="Attacks people, or calls for hatred, violence, discrimination or exclusion, because of a "
        "protected ground: sex, origin, religion, sexual orientation, gender identity, disability and the "
        "like.",
        fr="Attaque des personnes, ou appelle à la haine, à la violence, à la discrimination ou à "
        "l'exclusion, en raison d'un critère protégé : sexe, origine, religion, orientation sexuelle, "
        "identité de genre, handicap, etc.",
        source="ECRI, General Policy Recommendation No. 15",
    ),
    Definition(
        "toxicity",
        en="Insults, harasses, threatens or mocks someone, whatever the ground.",
        fr="Insulte, harcèle, menace ou tourne quelqu'un en dérision, quel que soit le motif.",
        source="Vigie",
    ),
    Definition(
        "sav",
        en="States the author's own case, question or complaint that the brand's customer service ought "
        "to answer.",
        fr="Expose le cas, la question ou la réclamation de son auteur, à laquelle le service client de la "
        "marque doit répondre.",
        source="Vigie",
    ),
)

INTENTS: tuple[Definition, ...] = (
    Definition(
        "availability",
        en="Is it in stock, in this size, colour or place, and when will it be?",
        fr="Est-ce disponible, dans cette taille, cette couleur ou ce lieu, et quand ?",
        source="Vigie",
    ),
    Definition(
        "price_promo",
        en="Price, discount, voucher, loyalty points, contest.",
        fr="Prix, remise, bon d'achat, points de fidélité, jeu-concours.",
        source="Vigie",
    ),
    Definition(
        "product_info",
        en="What a product or service is, does, contains or fits.",
        fr="Ce qu'un produit ou un service est, fait, contient, ou avec quoi il va.",
        source="Vigie",
    ),
    Definition(
        "order_delivery",
        en="An order and its way to the customer: placing, changing, tracking, late or missing parcels.",
        fr="Une commande et son acheminement : la passer, la changer, la suivre, colis en retard ou perdu.",
        source="Vigie",
    ),
    Definition(
        "return_refund",
        en="Sending back, exchanging, cancelling, being refunded.",
        fr="Retourner, échanger, annuler, être remboursé.",
        source="Vigie",
    ),
    Definition(
        "defect_complaint",
        en="Something is broken, wrong, faulty or badly done: product, network, site, service, staff.",
        fr="Quelque chose est cassé, faux, défectueux ou mal fait : produit, réseau, site, service, "
        "personnel.",
        source="Vigie",
    ),
    Definition(
        "payment",
        en="Paying, being charged, invoices, cards, instalments.",
        fr="Payer, être prélevé, factures, cartes, échéances.",
        source="Vigie",
    ),
    Definition(
        "account",
        en="Account, password, personal data, subscription, loyalty card.",
        fr="Compte, mot de passe, données personnelles, abonnement, carte de fidélité.",
        source="Vigie",
    ),
    Definition(
        "contact",
        en="Reaching somebody, or getting an answer that does not come.",
        fr="Joindre quelqu'un, ou obtenir une réponse qui ne vient pas.",
        source="Vigie",
    ),
    Definition(
        "store_info",
        en="Shops and places: address, opening hours, access, events.",
        fr="Boutiques et lieux : adresse, horaires, accès, événements.",
        source="Vigie",
    ),
)
