"""Two people changed the same thing: what is put together, and what somebody has to decide. Plain data, no database."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.packages.merging import Merged, merge

BASE: dict[str, Any] = {
    "title": "First call",
    "goal": "A meeting",
    "facts": {"size": "forty", "city": "Bern"},
    "objections": [{"key": "price", "text": "Too dear."}, {"key": "time", "text": "No time."}],
}


def merged(ours: dict[str, Any], theirs: dict[str, Any], **more: Any) -> Merged:
    return merge(base=BASE, ours=BASE | ours, theirs=BASE | theirs, **more)


def test_what_one_side_changed_is_taken() -> None:
    found = merged({"title": "Cold call"}, {"goal": "A date"})
    assert (found.value["title"], found.value["goal"], found.conflicts) == ("Cold call", "A date", [])


def test_what_both_changed_alike_is_no_conflict() -> None:
    assert merged({"title": "Same"}, {"title": "Same"}).conflicts == []


def test_what_both_changed_is_named_by_its_path() -> None:
    ours = [{"key": "price", "text": "Far too dear."}, {"key": "time", "text": "No time."}]
    theirs = [{"key": "price", "text": "Dear!"}, {"key": "time", "text": "Not today."}]
    found = merged({"objections": ours}, {"objections": theirs})
    assert [(one.path, one.base, one.ours, one.theirs) for one in found.conflicts] == [
        ("objections[price].text", "Too dear.", "Far too dear.", "Dear!")
    ]
    assert found.value["objections"] == [ours[0], theirs[1]]


@pytest.mark.parametrize(("side", "text"), [("ours", "Mine"), ("theirs", "Theirs")])
def test_a_choice_decides(side: Any, text: str) -> None:
    found = merged({"title": "Mine"}, {"title": "Theirs"}, choose=lambda path: side)
    assert (found.value["title"], found.conflicts) == (text, [])


def test_rows_are_added_on_both_sides_and_removed_on_one() -> None:
    mine = [*BASE["objections"], {"key": "trust", "text": "Who are you?"}]
    theirs = [{"key": "need", "text": "No need."}, BASE["objections"][1]]
    found = merged({"objections": mine}, {"objections": theirs})
    assert [row["key"] for row in found.value["objections"]] == ["need", "time", "trust"]
    assert found.conflicts == []


def test_a_row_that_one_removed_and_the_other_changed_is_a_conflict() -> None:
    mine = [BASE["objections"][1]]
    theirs = [{"key": "price", "text": "Dear!"}, BASE["objections"][1]]
    assert [one.path for one in merged({"objections": mine}, {"objections": theirs}).conflicts] == ["objections[price]"]


def test_the_order_is_the_one_of_who_changed_it() -> None:
    turned = list(reversed(BASE["objections"]))
    assert merged({"objections": turned}, {}).value["objections"] == turned
    assert merged({}, {"objections": turned}).value["objections"] == turned


def test_entries_of_a_mapping_go_one_by_one() -> None:
    found = merged({"facts": {"size": "fifty", "city": "Bern"}}, {"facts": {"size": "forty", "lorries": "nine"}})
    assert found.value["facts"] == {"size": "fifty", "lorries": "nine"}


PLAIN = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(base=PLAIN, ours=PLAIN, theirs=PLAIN)
def test_for_any_data_nothing_is_lost(base: Any, ours: Any, theirs: Any) -> None:
    assert merge(base=base, ours=ours, theirs=base).value == ours
    assert merge(base=base, ours=base, theirs=theirs).value == theirs
    assert merge(base=base, ours=ours, theirs=ours).value == ours
    decided = merge(base=base, ours=ours, theirs=theirs, choose=lambda path: "theirs")
    assert decided.conflicts == []
