"""The coefficients against published worked examples, and what must hold for any ratings."""

from __future__ import annotations

from itertools import chain, repeat

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scoring.calibration.statistics import (
    ac1s,
    bootstrap_interval,
    gwet_ac1,
    icc_2_1,
    iccs,
    kappas,
    quadratic_weighted_kappa,
)

EXACT = 1e-6

# Gwet's handbook (2014) and his package irrCAC, "abstractors": 100 pregnancies put into three classes by two people. The
# package's manual prints κ with quadratic weights as 0.8921569 and AC1 as 0.8493305.
ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
# Shrout & Fleiss (1979), table 2: six subjects, four judges. Their ICC(2,1) is .29; R's package irr prints 0.2897638.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
# Fleiss, Cohen & Everitt (1969): 200 diagnoses of two psychiatrists.
DIAGNOSES = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
# Krippendorff's data, "raw4raters" in irrCAC: twelve units, four raters, gaps. irrCAC prints AC1 as 0.77544.
FOUR_RATERS = [
    [1, 1, None, 1],
    [2, 2, 3, 2],
    [3, 3, 3, 3],
    [3, 3, 3, 3],
    [2, 2, 2, 2],
    [1, 2, 3, 4],
    [4, 4, 4, 4],
    [1, 1, 2, 1],
    [2, 2, 2, 2],
    [None, 5, 5, 5],
    [None, None, 1, 1],
    [None, None, 3, None],
]


def pairs_of(table: list[list[int]]) -> list[tuple[int, int]]:
    """A table of counts as one pair of ratings for each subject."""
    return list(
        chain.from_iterable(
            repeat((row, column), count) for row, counts in enumerate(table) for column, count in enumerate(counts)
        )
    )


def kappa_by_table(table: list[list[int]]) -> float:
    """Cohen's own way: observed and expected disagreement, cell by cell."""
    cells = np.array(table, dtype=float) / np.sum(table)
    size = len(table)
    costs = np.array([[(row - column) ** 2 for column in range(size)] for row in range(size)], dtype=float)
    return float(1 - (costs * cells).sum() / (costs * np.outer(cells.sum(axis=1), cells.sum(axis=0))).sum())


def test_weighted_kappa_of_a_published_table() -> None:
    first, second = zip(*pairs_of(ABSTRACTORS), strict=True)
    assert quadratic_weighted_kappa(first, second) == pytest.approx(0.8921569, abs=EXACT)


@pytest.mark.parametrize("table", [ABSTRACTORS, DIAGNOSES])
def test_weighted_kappa_is_the_table_s_and_nearly_the_intraclass_correlation(table: list[list[int]]) -> None:
    """Fleiss & Cohen (1973): equal but for terms of the order of one over the number of subjects."""
    pairs = pairs_of(table)
    kappa = quadratic_weighted_kappa(*zip(*pairs, strict=True))
    assert kappa == pytest.approx(kappa_by_table(table), abs=1e-12)
    assert icc_2_1(pairs) == pytest.approx(kappa, abs=1 / len(pairs))


def test_intraclass_correlation_of_shrout_and_fleiss() -> None:
    assert icc_2_1(SHROUT_FLEISS) == pytest.approx(0.2897638, abs=EXACT)
    assert icc_2_1(SHROUT_FLEISS) == pytest.approx(184 / 635, abs=1e-12)


def test_gwets_coefficient_of_published_tables() -> None:
    assert gwet_ac1(pairs_of(ABSTRACTORS), levels=3) == pytest.approx(0.8493305, abs=EXACT)
    from_zero = [[cell if cell is None else cell - 1 for cell in row] for row in FOUR_RATERS]
    assert gwet_ac1(from_zero, levels=5) == pytest.approx(0.77544, abs=5e-6)


def test_gwets_coefficient_where_kappa_fails_by_prevalence() -> None:
    """Gwet (2008) on high agreement: 118 yes-yes, 5 and 2 apart, no no-no. Kappa falls below zero, AC1 does not."""
    pairs = pairs_of([[118, 5], [2, 0]])
    assert gwet_ac1(pairs, levels=2) == pytest.approx(0.9407763, abs=EXACT)
    kappa = quadratic_weighted_kappa(*zip(*pairs, strict=True))
    assert kappa is not None
    assert kappa < 0


def test_what_is_not_defined_is_none_and_not_a_number() -> None:
    assert quadratic_weighted_kappa([], []) is None
    assert quadratic_weighted_kappa([2, 2], [2, 2]) is None
    assert icc_2_1([[1, 2]]) is None
    assert icc_2_1([[3, 3], [3, 3]]) is None
    assert gwet_ac1([[1, None], [None, 2]], levels=3) is None
    assert gwet_ac1([], levels=3) is None
    assert bootstrap_interval([[1, 1]], iccs, seed=1) is None
    assert bootstrap_interval([[1, 1]] * 9, iccs, seed=1) is None


def test_unequal_sides_are_refused() -> None:
    with pytest.raises(ValueError, match="same subjects"):
        quadratic_weighted_kappa([1], [1, 2])


LEVELS = st.integers(0, 4)
PAIRS = st.lists(st.tuples(LEVELS, LEVELS), min_size=2, max_size=40)


@given(pairs=PAIRS)
def test_kappa_is_symmetric_at_most_one_and_blind_to_the_scale_s_ends(pairs: list[tuple[int, int]]) -> None:
    first, second = zip(*pairs, strict=True)
    kappa = quadratic_weighted_kappa(first, second)
    assume(kappa is not None)
    assert kappa == pytest.approx(quadratic_weighted_kappa(second, first))
    assert -1 - 1e-9 <= kappa <= 1 + 1e-9
    turned = quadratic_weighted_kappa([4 - level for level in first], [4 - level for level in second])
    assert kappa == pytest.approx(turned)


@given(pairs=PAIRS)
def test_agreement_with_oneself_is_perfect(pairs: list[tuple[int, int]]) -> None:
    same = [left for left, _right in pairs]
    assert gwet_ac1([[level, level] for level in same], levels=5) == pytest.approx(1)
    if len(set(same)) > 1:
        assert quadratic_weighted_kappa(same, same) == pytest.approx(1)
        assert icc_2_1([[level, level] for level in same]) == pytest.approx(1)


@given(pairs=PAIRS, shift=st.integers(-3, 3), scale=st.integers(1, 5))
def test_the_intraclass_correlation_is_blind_to_the_unit(pairs: list[tuple[int, int]], shift: int, scale: int) -> None:
    plain = icc_2_1(pairs)
    assume(plain is not None)
    assert icc_2_1([[scale * cell + shift for cell in row] for row in pairs]) == pytest.approx(plain)
    assert plain <= 1 + 1e-9


def test_the_interval_is_reproducible_holds_the_value_and_narrows_with_more_ratings() -> None:
    pairs = pairs_of(DIAGNOSES)
    few = pairs[::8]
    wide = bootstrap_interval(few, kappas, seed=7, samples=400)
    again = bootstrap_interval(few, kappas, seed=7, samples=400)
    narrow = bootstrap_interval(pairs, kappas, seed=7, samples=400)
    assert wide is not None
    assert narrow is not None
    assert wide == again
    assert narrow.low < kappa_by_table(DIAGNOSES) < narrow.high
    assert narrow.high - narrow.low < wide.high - wide.low


def test_the_interval_covers_what_it_should() -> None:
    """Two hundred small studies of a known population: nine in ten of the intervals hold its kappa, or about that."""
    population = np.array(pairs_of(DIAGNOSES), dtype=float)

    truth, chance, held = kappa_by_table(DIAGNOSES), np.random.default_rng(5), 0
    for study in range(200):
        drawn = population[chance.integers(0, len(population), 80)]
        interval = bootstrap_interval(drawn, kappas, seed=study, samples=200)
        held += interval is not None and interval.low <= truth <= interval.high
    assert held >= 176


@given(tables=st.lists(st.lists(st.tuples(LEVELS, LEVELS), min_size=6, max_size=6), min_size=1, max_size=5))
def test_many_tables_at_once_give_what_each_gives_alone(tables: list[list[tuple[int, int]]]) -> None:
    many = np.array(tables, dtype=float)
    for table, kappa, icc, ac1 in zip(tables, kappas(many), iccs(many), ac1s(many, levels=5), strict=True):
        for value, alone in (
            (kappa, quadratic_weighted_kappa(*zip(*table, strict=True))),
            (icc, icc_2_1(table)),
            (ac1, gwet_ac1(table, levels=5)),
        ):
            assert np.isnan(value) if alone is None else value == pytest.approx(alone)
