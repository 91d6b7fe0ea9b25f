"""`manage.py content export|import`."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from scenarios.models import Scenario
from tests.cast import Cast
from tests.scenarios.factories import make_scenario


@pytest.fixture
def package(cast: Cast, tmp_path: Path) -> Path:
    with tenant_context(cast.acme):
        make_scenario(title="Only at Acme")
    file = tmp_path / "content.yaml"
    call_command("content", "export", "--organization", "acme", "--output", str(file), stdout=StringIO())
    return file


def titles(cast: Cast) -> set[str]:
    with tenant_context(cast.globex):
        return set(Scenario.objects.values_list("title", flat=True))


def test_content_moves_from_one_organisation_to_another(cast: Cast, package: Path) -> None:
    said = StringIO()
    call_command("content", "import", str(package), "--organization", "globex", "--publish", stdout=said)
    assert "new      scenario  en Only at Acme" in said.getvalue()
    assert "Only at Acme" in titles(cast)


def test_a_dry_run_only_says_what_would_happen(cast: Cast, package: Path) -> None:
    said = StringIO()
    call_command("content", "import", str(package), "--organization", "globex", "--dry-run", stdout=said)
    assert "dry run" in said.getvalue()
    assert "Only at Acme" not in titles(cast)


def test_a_bad_file_is_refused_with_its_problems(cast: Cast, package: Path) -> None:
    package.write_text(package.read_text().replace("mode: cold_call", "mode: shouting"))
    with pytest.raises(CommandError, match=r"scenarios\[\d\].*mode"):
        call_command("content", "import", str(package), "--organization", "globex", stdout=StringIO())


@pytest.mark.parametrize("bad", ["nowhere.yaml", "."])
def test_an_unreadable_file_is_a_plain_sentence(cast: Cast, tmp_path: Path, bad: str) -> None:
    with pytest.raises(CommandError):
        call_command("content", "import", str(tmp_path / bad), "--organization", "acme")


def test_an_unknown_organisation_is_a_plain_sentence(cast: Cast) -> None:
    with pytest.raises(CommandError, match="no organisation “initech”"):
        call_command("content", "export", "--organization", "initech")
