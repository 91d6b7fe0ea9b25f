"""The embedded encoder: unit rows, the same row every time, safe from several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from integrations.embeddings.embedded import EmbeddedEncoder, default_encoder

SENTENCES = ["How many vans do you run?", "¿Cuántas furgonetas tienen?", "We could start with a small trial."]


def test_rows_have_length_one():
    rows = default_encoder().encode(SENTENCES)
    assert rows.shape == (3, 512)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)


def test_a_row_does_not_depend_on_its_neighbours():
    together = EmbeddedEncoder().encode(SENTENCES)
    alone = np.concatenate([EmbeddedEncoder().encode([text]) for text in SENTENCES])
    assert np.array_equal(together, alone)


def test_translations_are_near():
    english, spanish, other = default_encoder().encode(SENTENCES)
    assert english @ spanish > english @ other + 0.2


@pytest.mark.parametrize("text", ["", "   ", "\x00\ud83d", "?!", "a" * 20_000, "\N{PILE OF POO}", "你好"])
def test_any_text_gives_a_finite_row(text: str):
    assert np.isfinite(default_encoder().encode([text])).all()


def test_no_texts_give_no_rows():
    assert default_encoder().encode([]).shape == (0, 512)


def test_old_sentences_are_forgotten():
    encoder = EmbeddedEncoder(remembered=2)
    encoder.encode(SENTENCES)
    assert len(encoder._known) == 2


def test_threads_get_the_same_rows():
    encoder = EmbeddedEncoder(remembered=2)
    expected = encoder.encode(SENTENCES)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(encoder.encode, [SENTENCES] * 12):
            assert np.array_equal(rows, expected)
