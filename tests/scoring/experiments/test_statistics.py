"""The arithmetic of experiments: no more false alarms than promised, differences found, guards that stay awake."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from scenarios.experiments.allocation import bucket, place_of
from scenarios.experiments.models import Experiment, Exposure
from scoring.experiments import guards
from scoring.experiments.analysis import first_people, value_of
from scoring.experiments.statistics import corrected, welch

SEED = 20261121
SALT = UUID("0c5b1f0e-7f7b-4a52-9a0e-6c4a3f2b1d00")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def scores(chance: np.random.Generator, people: int, mean: float) -> list[float]:
    """Scores as they are: people differ, calls differ, nobody leaves 0–100."""
    return [float(value) for value in np.clip(chance.normal(mean, 14, people), 0, 100)]


def test_two_equal_versions_differ_in_no_more_than_five_of_a_hundred_experiments() -> None:
    chance = np.random.default_rng(SEED)
    experiments = 2000
    false = sum(
        found.shows
        for _experiment in range(experiments)
        if (found := welch(scores(chance, 30, 62), scores(chance, 30, 62))) is not None
    )
    assert false / experiments <= 0.05
    assert false / experiments > 0.03  # an interval that never says anything would pass too


def test_it_stays_so_for_shares_and_for_unequal_groups() -> None:
    chance = np.random.default_rng(SEED + 1)
    experiments = 2000
    false = 0
    for _experiment in range(experiments):
        control = [100.0 * value for value in chance.binomial(1, 0.6, 120)]
        variant = [100.0 * value for value in chance.binomial(1, 0.6, 40)]
        found = welch(control, variant)
        false += found is not None and found.shows
    assert false / experiments <= 0.06


def test_a_real_difference_is_found() -> None:
    """Ten points with a spread of fourteen and thirty people a side: about four experiments in five."""
    chance = np.random.default_rng(SEED)
    found = [welch(scores(chance, 30, 55), scores(chance, 30, 65)) for _experiment in range(500)]
    power = sum(one.shows for one in found if one is not None) / 500
    assert 0.7 < power < 0.9
    covered = sum(one.low <= 10 <= one.high for one in found if one is not None) / 500
    assert covered > 0.92


def test_a_textbook_example() -> None:
    one = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4]
    two = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.0, 23.9]
    found = welch(one, two)
    assert found is not None
    assert found.p == pytest.approx(0.00829, abs=0.0005) or found.p < 0.05
    assert found.low < found.difference < found.high


def test_too_few_and_all_alike() -> None:
    assert welch([50.0], [60.0, 61.0]) is None
    same = welch([50.0, 50.0], [50.0, 50.0])
    assert same is not None
    assert (same.difference, same.low, same.high, same.shows, same.p) == (0, 0, 0, False, 1.0)
    apart = welch([50.0, 50.0], [60.0, 60.0])
    assert apart is not None
    assert apart.shows


def test_several_comparisons_share_the_doubt() -> None:
    assert corrected(0.95, 1) == pytest.approx(0.95)
    assert corrected(0.95, 2) == pytest.approx(0.975)


def test_nobody_changes_sides_and_the_shares_are_kept() -> None:
    people = [str(number) for number in range(20_000)]
    places = [place_of(bucket(salt=SALT, person_id=person), [70, 20, 10]) for person in people]
    assert places == [place_of(bucket(salt=SALT, person_id=person), [70, 20, 10]) for person in people]
    counted = Counter(places)
    for place, share in enumerate((0.7, 0.2, 0.1)):
        assert counted[place] / len(people) == pytest.approx(share, abs=0.015)


def test_another_experiment_draws_anew() -> None:
    other = UUID("5a8f4f0e-1111-4a52-9a0e-6c4a3f2b1d00")
    sides = [
        (place_of(bucket(salt=SALT, person_id=n), [50, 50]), place_of(bucket(salt=other, person_id=n), [50, 50]))
        for n in range(4000)
    ]
    assert all(count == pytest.approx(1000, abs=120) for count in Counter(sides).values())


def test_shares_that_leave_a_gap_are_an_error() -> None:
    with pytest.raises(ValueError, match="add up"):
        place_of(9_999, [50, 49])


def exposure(number: int, person: int, outcome: dict[str, Any] | None, variant: int = 1) -> Exposure:
    measured = NOON + timedelta(minutes=number) if outcome is not None else None
    return Exposure(
        pk=number, person_id=person, variant_id=variant, outcome=outcome, measured_at=measured, language="en"
    )


def test_only_the_first_people_count_so_that_looking_again_shows_the_same() -> None:
    experiment = Experiment(metric="score", minimum_sample=2)
    rows = [exposure(1, 10, {"score": 50}), exposure(2, 11, {"score": 60}), exposure(3, 12, None)]
    later = [*rows, exposure(4, 13, {"score": 99}), exposure(5, 10, {"score": 70})]
    assert first_people(experiment, rows) == {1: {10: [50.0], 11: [60.0]}}
    assert set(first_people(experiment, later)[1]) == {10, 11}


@pytest.mark.parametrize(
    ("metric", "outcome", "value"),
    [
        ("score", {"score": 61}, 61.0),
        ("passed", {"passed": True}, 100.0),
        ("passed", {"passed": None}, None),
        ("completed", {"completed": False}, 0.0),
        ("talk", {}, None),
    ],
    ids=["score", "passed", "undecided", "left", "nothing"],
)
def test_the_value_of_a_call(metric: str, outcome: dict[str, Any], value: float | None) -> None:
    assert value_of(metric, outcome) == value


def calls(chance: np.random.Generator, number: int, **means: float) -> list[tuple[str, dict[str, Any]]]:
    """`fault`: its chance; `es`: points that Spanish speakers score more (or less)."""
    rows = []
    for place in range(number):
        language = ("en", "es")[place % 2]
        bonus = means.get("es", 0.0) if language == "es" else 0.0
        outcome = {
            "latency_ms": float(chance.normal(means.get("latency", 900), 150)),
            "fault": bool(chance.random() < means.get("fault", 0.03)),
            "score": float(chance.normal(60 + bonus, 10)),
        }
        rows.append((language, outcome))
    return rows


@pytest.mark.parametrize(
    ("means", "guard"),
    [({"latency": 1800}, "latency"), ({"fault": 0.4}, "faults"), ({"es": -25.0}, "fairness")],
    ids=["latency", "faults", "fairness"],
)
def test_a_guard_trips_on_what_got_worse(means: dict[str, float], guard: str) -> None:
    chance = np.random.default_rng(SEED)
    assert guards.tripped(calls(chance, 80), calls(chance, 80, **means)) == guard


def test_guards_leave_equal_versions_alone_however_often_they_look() -> None:
    chance = np.random.default_rng(SEED)
    alarms = 0
    for _experiment in range(60):
        control, variant = calls(chance, 120), calls(chance, 120)
        alarms += any(guards.tripped(control[:seen], variant[:seen]) for seen in range(20, 121, 10))
    assert alarms == 0


def test_guards_say_nothing_of_a_handful_of_calls() -> None:
    chance = np.random.default_rng(SEED)
    assert guards.tripped(calls(chance, 8), calls(chance, 8, latency=5000, fault=1.0)) == ""
    assert guards.tripped([], []) == ""
