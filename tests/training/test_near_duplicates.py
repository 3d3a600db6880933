import pytest

from training.near_duplicates import NearDuplicateIndex, fold, message_key


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


def test_the_same_words_under_another_context_are_another_message() -> None:
    assert message_key("oui", ["Un remboursement ?"]) != message_key("oui", ["Vous aimez le film ?"])


def test_equal_and_nearly_equal_keys_are_found() -> None:
    index = NearDuplicateIndex()
    text = "le livreur a laissé mon colis devant la porte du voisin sans même sonner chez moi hier soir"
    assert not index.find_or_add(text)
    assert index.find_or_add(text)
    assert text.replace("hier soir", "hier soi") in index
    assert "le musée est ouvert le lundi mais fermé le mardi, c'est écrit sur la porte d'entrée" not in index


def test_short_messages_must_be_equal() -> None:
    index = NearDuplicateIndex()
    index.find_or_add("ou est mon colis")
    assert "ou est mon colir" not in index
