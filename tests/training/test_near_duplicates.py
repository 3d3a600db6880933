import pytest

from training.near_duplicates import NearDuplicateIndex, fold, message_key

LONG = "le livreur a laissé mon colis devant la porte du voisin sans même sonner chez moi hier soir vers huit"


def index(*messages: tuple[str, list[str]]) -> NearDuplicateIndex:
    kept = NearDuplicateIndex()
    for text, context in messages:
        kept.add(message_key(text, context))
    return kept


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C'est NUL !!!", "c est nul"),
        ("@lea Génial http://x.test", "génial"),
        ("Trop   bien...", "trop bien"),
    ],
)
def test_fold_forgets_what_does_not_make_a_message(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_emoji_make_a_message() -> None:
    assert fold("bravo 👏") != fold("bravo 🤡")


def test_equal_and_nearly_equal_texts_are_found() -> None:
    kept = index((LONG, []))
    assert kept.has_text(message_key(LONG.upper(), []))
    assert kept.has_text(message_key(LONG.replace("vers huit", "vers huir"), []))


@pytest.mark.parametrize(("changed", "found"), [("chez moi hier soi", True), ("chez lui demain soir", False)])
def test_the_limit_is_a_similarity_of_nine_tenths(changed: str, found: bool) -> None:
    near = LONG.replace("chez moi hier soir", changed)
    assert index((LONG, [])).has_text(message_key(near, [])) is found


def test_all_near_copies_are_found_not_most() -> None:
    texts = [f"{LONG} {number * 7919} {LONG[::-1][number:]}" for number in range(60)]
    kept = index(*((text, []) for text in texts))
    assert all(kept.has_text(message_key(text[:-4], [])) for text in texts)


def test_short_messages_must_be_equal_in_text_and_context() -> None:
    kept = index(("oui", ["Un remboursement ?"]))
    assert kept.has_text(message_key("Oui !", ["un remboursement"]))
    assert not kept.has_text(message_key("oui", ["Vous aimez le film ?"]))
    assert not kept.has_text(message_key("ouf", ["Un remboursement ?"]))


def test_a_long_text_is_found_under_any_context_and_a_message_under_its_own() -> None:
    kept = index((LONG, ["Un avis ?"]))
    elsewhere = message_key(LONG, ["Une autre conversation"])
    assert kept.has_text(elsewhere)
    assert not kept.has_message(elsewhere)
    assert kept.has_message(message_key(LONG, ["un avis"]))


def test_replies_in_one_long_thread_are_different_messages() -> None:
    thread = [LONG, LONG[::-1], LONG.replace("colis", "paquet")]
    kept = index(("pas d'accord avec ce que vous dites", thread))
    assert not kept.has_text(message_key("moi je trouve cela très bien", thread))
