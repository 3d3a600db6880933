import pytest

from serving.engine.normalise import normalise
from serving.engine.unmask import unmask


@pytest.mark.parametrize(
    ("hidden", "plain"),
    [
        ("espèce de c o n n a r d", "espèce de connard"),
        ("s.a.l.o.p.e !", "salope !"),
        ("c-r-é-t-i-n", "crétin"),
        ("c0nn4rd", "connard"),
        ("cоnnаrd", "connard"),
        ("ιdiοt", "idiot"),
        ("🅲🅾🅽", "CON"),
        ("ᴄʀᴇᴛɪɴ", "cretin"),
    ],
)
def test_disguised_letters_are_read(hidden: str, plain: str) -> None:
    assert unmask(hidden) == plain
    assert normalise(hidden) == plain


@pytest.mark.parametrize(
    "text",
    [
        "h2o, b2b, mp3, 4x4, 2h30 et covid19",
        "Привет, как дела",
        "Καλημέρα σας",
        "il y a à",
        "c'est l'été",
        "en S M L ?",
        "commande AB1234, tél 0612345678",
        "contact@marque.fr",
    ],
)
def test_plain_text_stays(text: str) -> None:
    assert unmask(text) == text
