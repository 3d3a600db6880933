from labels.pseudonyms import Pseudonyms


def test_a_pseudonym_depends_on_secret_client_role_and_person() -> None:
    pseudonyms = Pseudonyms("a secret")
    made = {
        pseudonyms.of("acme", "author", "u42"),
        pseudonyms.of("acme", "author", "u43"),
        pseudonyms.of("acme", "moderator", "u42"),
        pseudonyms.of("other", "author", "u42"),
        Pseudonyms("another").of("acme", "author", "u42"),
    }
    assert len(made) == 5
    assert pseudonyms.of("acme", "author", "u42") in made


def test_a_pseudonym_is_the_documented_hash() -> None:
    # printf 'acme\0author\0léa' | openssl dgst -sha256 -hmac 'a secret'
    expected = "b7e576305cac2d1385906320aa7d60b4edd128221830a42979fbe13c3f0dee2c"
    assert Pseudonyms("a secret").of("acme", "author", "léa") == expected
