"""The equivalence test against numbers that others published."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.gates.equivalence import from_summary, paired

# The clinical data of R's package ETC, endpoints 1 and 2, paired row by row; the results are those of `tost()` of R's package
# equivalence, which statsmodels tests its own `ttost_paired` against.
CLINIC = {
    1: (
        (2.84, 2.51, 2.41, 2.95, 3.14, 3.79, 4.14, 3.85, 3.02, 3.45, 5.37, 3.81, 4.19, 3.16, 3.84),
        (2.60, 2.82, 2.18, 3.46, 4.01, 3.04, 3.47, 4.06, 2.91, 3.59, 4.51, 3.16, 3.86, 3.31, 3.02),
    ),
    2: (
        (4.00, 3.26, 4.14, 3.42, 3.25, 4.34, 4.97, 4.31, 3.11, 3.41, 5.02, 4.21, 4.59, 5.30, 4.32),
        (3.76, 3.66, 3.65, 3.60, 3.48, 2.87, 3.24, 3.92, 3.99, 4.21, 4.21, 3.31, 3.61, 2.97, 2.73),
    ),
}
PUBLISHED = {
    1: (0.1646666666666667, 0.1357514067862445, -0.0744336620516462, 0.4037669953849797, 0.003166881489265175, True),
    2: (0.5626666666666665, 0.2478276410785118, 0.1261653305099018, 0.999168002823431, 0.4412034046017588, False),
}


@pytest.mark.parametrize("endpoint", [1, 2])
def test_the_published_example_is_reproduced(endpoint: int) -> None:
    first, second = CLINIC[endpoint]
    mean, error, low, high, p, equivalent = PUBLISHED[endpoint]
    found = paired([one - two for one, two in zip(first, second, strict=True)], margin=0.6)
    assert found.mean == pytest.approx(mean, abs=1e-9)
    assert found.sd / math.sqrt(15) == pytest.approx(error, abs=1e-9)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert found.p == pytest.approx(p, abs=1e-9)
    assert found.equivalent is equivalent


def test_the_same_from_the_summary() -> None:
    mean, error, low, high, p, _equivalent = PUBLISHED[1]
    found = from_summary(pairs=15, mean=mean, sd=error * math.sqrt(15), margin=0.6)
    assert (found.p, found.low, found.high) == pytest.approx((p, low, high), abs=1e-9)


def test_no_difference_found_is_not_the_same_as_none_there() -> None:
    """Few pairs that scatter widely: a common t test sees nothing, and this one says that nothing is shown."""
    assert not paired([-9.0, 8.0, -7.0, 9.0], margin=3).equivalent
    assert paired([0.5, -0.5, 1.0, -1.0, 0.0, 0.5, -0.5], margin=3).equivalent


def test_pairs_that_all_differ_alike_leave_nothing_to_chance() -> None:
    assert paired([0, 0, 0], margin=3).equivalent
    assert paired([2, 2, 2], margin=3).equivalent
    assert not paired([3, 3, 3], margin=3).equivalent
    assert paired([2, 2], margin=3).to_json()["t_lower"] is None


def test_one_pair_is_none() -> None:
    with pytest.raises(ValueError, match="two pairs"):
        paired([1.0], margin=3)


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=40), st.floats(0.5, 10))
def test_equivalent_exactly_where_the_interval_lies_within(differences: list[float], margin: float) -> None:
    found = paired(differences, margin=margin)
    inside = -margin < found.low and found.high < margin
    near = min(abs(found.low + margin), abs(found.high - margin)) < 1e-9
    assert found.equivalent is inside or near
    mirrored = paired([-value for value in differences], margin=margin)
    assert mirrored.equivalent is found.equivalent or near
