from hypothesis import given
from hypothesis import strategies as st

from integrations.speech.sentences import LONGEST, Piece, opening, pieces, sentences


def test_sentences_end_where_people_end_them() -> None:
    assert sentences("Hi, Dr. Lee. It costs $2.5 million!  Really? Yes…  fine") == [
        "Hi, Dr. Lee.",
        "It costs $2.5 million!",
        "Really?",
        "Yes…",
        "fine",
    ]
    assert sentences("¿Qué tal? La Sra. Ruiz no está.") == ["¿Qué tal?", "La Sra. Ruiz no está."]


def test_nothing_to_say_is_no_piece() -> None:
    assert pieces("  … ") == []


def test_a_very_long_sentence_is_cut_at_clauses() -> None:
    long = ", ".join(["we looked at it from every side"] * 12) + "."
    assert len(pieces(long)) > 1
    assert all(len(piece.text) <= LONGEST + 40 for piece in pieces(long))


def test_an_opening_clause_is_spoken_first() -> None:
    text = "Look, to be honest, we had a tool like that two years ago."
    first, rest = opening(Piece(text, 220))
    assert (first.text, rest.text) == ("Look, to be honest,", "we had a tool like that two years ago.")
    assert opening(Piece("No, thanks.", 220)) == [Piece("No, thanks.", 220)]


@given(st.text(alphabet="ab .,!?¿…\n'", max_size=300))
def test_no_letter_is_lost(text: str) -> None:
    said = "".join(part.text for piece in pieces(text) for part in opening(piece))
    assert [char for char in said if char.isalnum()] == [char for char in text if char.isalnum()]
