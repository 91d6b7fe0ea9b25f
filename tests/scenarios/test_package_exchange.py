"""Packages between organisations: everything goes along, comes back the same, and is put together with what changed here."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from scenarios import packages
from scenarios.exchange.models import ImportedItem
from scenarios.knowledge.library import add_text
from scenarios.knowledge.models import KnowledgeDocument
from scenarios.models import Objection, Persona, Rubric, Scenario
from scenarios.packages import wording
from scenarios.training.models import Program, ProgramTrack, Track, TrackItem
from tests.cast import Cast
from tests.scenarios.factories import make_persona, make_scenario


def write_everything() -> None:
    """One of each kind that a package can hold, by keys that no preset has."""
    desk = make_persona(name="Fran Front", preset_key="x-desk")
    scenario = make_scenario(title="Both floors", preset_key="x-floors")
    Persona.objects.filter(pk=scenario.persona_id).update(preset_key="x-dana")
    Rubric.objects.filter(pk=scenario.rubric_id).update(preset_key="x-two")
    blank = {"persona": None, "says": "", "instructions": "", "outcome": "", "x": 0.0, "y": 0.0}
    scenario.graph = {
        "nodes": [
            {**blank, "id": "s", "kind": "start", "title": "Ring"},
            {**blank, "id": "d", "kind": "gatekeeper", "title": "Desk", "persona": str(desk.pk), "x": 12.5},
            {**blank, "id": "e", "kind": "end", "title": "Over", "outcome": "lost"},
        ],
        "edges": [
            {"id": "a", "from": "s", "to": "d", "when": {"kind": "always"}, "label": ""},
            {"id": "b", "from": "d", "to": "e", "when": {"kind": "turns", "count": 2}, "label": ""},
        ],
    }
    scenario.save()
    track = Track.objects.create(key="x-track", title="First week", valid_months=12)
    TrackItem.objects.create(track=track, key="read", kind="reading", title="Read", text="# Rules\n\nSay: hello.\n")
    TrackItem.objects.create(track=track, position=1, key="call", scenario=scenario, requires=["read"], pass_mark=70)
    program = Program.objects.create(key="x-program", title="Welcome")
    ProgramTrack.objects.create(program=program, track=track)
    add_text(text="# Prices\n\nA seat costs nine francs.\n", title="Prices", actor=None, source="x-prices")


def ours(**more: Any) -> dict[str, Any]:
    """What these tests wrote, less the presets."""
    whole = packages.export_everything(**more)
    listed = {kind: [row for row in whole.get(kind, []) if row["key"].startswith("x-")] for kind in packages.ORDER}
    return {"parley_content": 1, **listed}


@pytest.fixture
def text(cast: Cast) -> str:
    """Acme's content as a file."""
    with tenant_context(cast.acme):
        write_everything()
        return packages.dump(ours())


@pytest.fixture
def globex(cast: Cast, text: str) -> Iterator[None]:
    """Globex, after the file was imported."""
    with tenant_context(cast.globex):
        packages.import_package(packages.parse(text))
        yield


def change(text: str, kind: str, **fields: Any) -> packages.Package:
    package = packages.parse(text)
    package[kind][0] |= fields
    return package


def test_every_kind_goes_along_and_comes_back_byte_by_byte(globex: None, text: str) -> None:
    assert all(packages.parse(text)[kind] for kind in packages.ORDER)
    assert packages.dump(ours()) == text
    assert {one.action for one in packages.import_package(packages.parse(text))} == {"same"}
    assert packages.differences(packages.parse(text)) == [] or all(
        difference.side == "here" for difference in packages.differences(packages.parse(text))
    )
    desk = Persona.objects.get(preset_key="x-desk")
    graph: Any = Scenario.objects.get(preset_key="x-floors").graph
    assert graph["nodes"][1]["persona"] == str(desk.pk)
    assert TrackItem.objects.get(track__key="x-track", key="call").scenario == Scenario.objects.get(
        preset_key="x-floors"
    )


def test_what_was_changed_here_stays_and_what_the_file_changed_comes(globex: None, text: str) -> None:
    Scenario.objects.filter(preset_key="x-floors").update(goal="Changed here")
    package = change(text, "scenarios", title="Changed there")
    [scenario] = [one for one in packages.import_package(package) if one.kind == "scenarios"]
    assert (scenario.action, scenario.fields, scenario.kept) == ("changed", ("title",), ("goal",))
    found = Scenario.objects.get(preset_key="x-floors")
    assert (found.title, found.goal) == ("Changed there", "Changed here")


def test_a_conflict_is_refused_with_its_line_until_somebody_chooses(globex: None, text: str) -> None:
    Scenario.objects.filter(preset_key="x-floors").update(title="Changed here")
    package = change(text, "scenarios", title="Changed there")
    [told] = [one for one in packages.import_package(package, dry_run=True) if one.kind == "scenarios"]
    assert told.action == "conflict"
    assert [(one.path, one.ours, one.theirs) for one in told.conflicts] == [("title", "Changed here", "Changed there")]
    with pytest.raises(packages.PackageRefused) as refused:
        packages.import_package(package)
    line = package.lines["scenarios[0].title"]
    assert refused.value.problems == [
        f"line {line}: scenarios (x-floors) title: changed here and in the file: choose one of them."
    ]
    packages.import_package(package, choices=packages.Choices(single={"scenarios/x-floors/en/title": "ours"}))
    assert Scenario.objects.get(preset_key="x-floors").title == "Changed here"
    # It was decided: the same file again has nothing to ask.
    assert {one.action for one in packages.import_package(package)} == {"same"}
    package["scenarios"][0]["title"] = "Once more"
    packages.import_package(package, choices=packages.Choices("theirs"))
    assert Scenario.objects.get(preset_key="x-floors").title == "Once more"


def test_a_conflict_within_a_row_is_told_at_the_line_of_its_list(globex: None, text: str) -> None:
    package = packages.parse(text)
    place = next(at for at, one in enumerate(package["personas"]) if one.get("objections"))
    row = package["personas"][place]["objections"][0]
    key, language = package["personas"][place]["key"], package["personas"][place]["language"]
    Objection.objects.filter(persona__preset_key=key, key=row["key"]).update(text="Changed here")
    row["text"] = "Changed there"
    with pytest.raises(packages.PackageRefused) as refused:
        packages.import_package(package)
    line, path = package.lines[f"personas[{place}].objections"], f"objections[{row['key']}].text"
    assert refused.value.problems == [
        f"line {line}: personas ({key}) {path}: changed here and in the file: choose one of them."
    ]
    packages.import_package(package, choices=packages.Choices(single={f"personas/{key}/{language}/{path}": "theirs"}))
    assert Objection.objects.get(persona__preset_key=key, key=row["key"]).text == "Changed there"


@pytest.mark.parametrize(
    ("kind", "path", "words"),
    [
        ("personas", "backstory", "backstory"),
        ("personas", "objections", "objections"),
        ("personas", "objections[price].text", "objection “price”: what the buyer says"),
        ("personas", "objections[price]", "objection “price”"),
        ("scenarios", "graph", "branching"),
        ("scenarios", "graph.nodes[front-desk].title", "branching “front-desk”"),
        ("scenarios", "graph.edges[a].when.kind", "branching “a”"),
        ("personas", "facts.vans", "facts"),
        ("tracks", "items[call].title", "item “call”: title"),
        ("knowledge", "base64", "file"),
        ("rubrics", "something.else", "something"),
    ],
)
def test_a_field_is_told_in_the_words_of_its_form(kind: str, path: str, words: str) -> None:
    assert wording.path_in_words(kind, path) == words


def test_items_can_be_left_out(cast: Cast, text: str) -> None:
    with tenant_context(cast.globex):
        leave = [f"knowledge/x-prices/{row['language']}" for row in packages.parse(text)["knowledge"]]
        changes = packages.import_package(packages.parse(text), choices=packages.Choices(leave=leave))
        assert [one.kind for one in changes if one.action == "left"] == ["knowledge"]
        assert not KnowledgeDocument.objects.filter(source="x-prices").exists()


def test_a_dry_run_leaves_neither_rows_nor_files(cast: Cast, text: str) -> None:
    with tenant_context(cast.globex):
        assert {one.action for one in packages.import_package(packages.parse(text), dry_run=True)} == {"new"}
        assert not ImportedItem.objects.exists()
        assert not Track.objects.filter(key="x-track").exists()
        assert not KnowledgeDocument.objects.filter(source="x-prices").exists()


def test_items_that_wait_for_each_other_are_refused_with_the_line(cast: Cast, text: str) -> None:
    text = text.replace("requires: []", "requires:\n    - call")
    package = packages.parse(text)
    with tenant_context(cast.globex), pytest.raises(packages.PackageRefused) as refused:
        packages.import_package(package)
    [problem] = refused.value.problems
    assert problem.startswith(f"line {package.lines['tracks[0].items[0].requires']}: tracks[0] (x-track)")
    assert "These items wait for each other: read → call → read." in problem


def test_a_signature_tells_who_wrote_it_and_that_nobody_changed_it(cast: Cast, text: str) -> None:
    with tenant_context(cast.acme):
        signed = packages.dump(packages.signed(packages.parse(text)))
        own = packages.own_key().public
    with tenant_context(cast.globex):
        found = packages.verified(packages.parse(signed))
        assert found is not None
        assert (found.signer, found.key, found.trusted) == ("Acme", own, "")
        with pytest.raises(packages.PackageRefused, match="not signed by anybody whom"):
            packages.refuse_unsigned(packages.parse(signed))
        packages.trust(name="Acme, head office", public=own, actor=None)
        assert packages.refuse_unsigned(packages.parse(signed)).trusted == "Acme, head office"
        tampered = packages.parse(signed.replace("nine francs", "ninety francs"))
        with pytest.raises(packages.PackageRefused) as refused:
            packages.import_package(tampered)
        assert refused.value.problems[0].startswith(f"line {tampered.lines['signature']}: The signature does not fit")
        assert not Track.objects.filter(key="x-track").exists()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("parley_content: 1\npersonas: []\npersonas: []", "line 3: “personas” is there twice"),
        ("parley_content: 1\nthings: []", "line 2: “things” is no part"),
        ("parley_content: 1\npersonas: " + "[" * 20 + "]" * 20, "line 2: this is nested too deep"),
        ("# by hand\nparley_content: 2", "line 2: This package was written by a newer Parley"),
        ("parley_content: 1\ntracks:\n- key: a b\n  title: T", r"line 3: tracks\[0\] \(a b\) key: only letters"),
        ("parley_content: 1\nsignature: yes", "line 2: A signature has"),
    ],
    ids=["twice", "unknown-kind", "deep", "newer", "no-slug", "no-signature"],
)
def test_what_a_package_may_not_hold_is_refused_with_the_line(in_acme: Cast, text: str, problem: str) -> None:
    with pytest.raises(packages.PackageRefused, match=problem):
        packages.import_package(packages.parse(text))


def test_what_somebody_made_for_themselves_goes_nowhere(in_acme: Cast) -> None:
    scenario = make_scenario(title="Ada's own", preset_key="x-own")
    Scenario.objects.filter(pk=scenario.pk).update(made_for_oneself=True)
    assert "Ada's own" not in [row["title"] for row in packages.export_everything()["scenarios"]]


def run(*arguments: str) -> str:
    said = StringIO()
    call_command("content", *arguments, stdout=said, stderr=said)
    return said.getvalue()


def test_one_command_brings_everything_from_one_organisation_to_another(cast: Cast, text: str, tmp_path: Path) -> None:
    assert "dry run" in run("promote", "acme", "globex", "--dry-run")
    said = run("promote", "acme", "globex")
    assert "Signed by somebody unknown, who says: Acme." in said
    assert "new      track     en First week" in said
    with tenant_context(cast.globex):
        Scenario.objects.filter(preset_key="x-floors").update(title="Edited at Globex")
    with tenant_context(cast.acme):
        Scenario.objects.filter(preset_key="x-floors").update(title="Edited at Acme")
    with pytest.raises(CommandError, match=r"x-floors\) title: changed here and in the file"):
        run("promote", "acme", "globex")
    file = tmp_path / "acme.yaml"
    run("export", "--organization", "acme", "--output", str(file), "--sign")
    assert "-title: Edited at Globex" in run("diff", str(file), "--organization", "globex")
    run("import", str(file), "--organization", "globex", "--choose", "scenarios/x-floors/en/title=theirs")
    with tenant_context(cast.globex):
        assert Scenario.objects.get(preset_key="x-floors").title == "Edited at Acme"
    with pytest.raises(CommandError, match="not signed by anybody"):
        run("import", str(file), "--organization", "globex", "--require-signature")
    key = run("keys", "--organization", "acme").split()[1]
    assert f"{key} Head office" in run("keys", "--organization", "globex", "--trust", "Head office", key)
    run("import", str(file), "--organization", "globex", "--require-signature")
