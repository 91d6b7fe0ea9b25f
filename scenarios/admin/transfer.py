"""Content in and out of the admin: choose, see what it would do, confirm."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from scenarios import packages
from scenarios.exchange.models import StagedPackage
from scenarios.packages import staging, wording
from scenarios.packages.files import Place, kept_by
from scenarios.packages.promoting import others_of, text_of
from tenants.context import current_organization

LARGEST = 100_000_000  # bytes of an uploaded file; `manage.py content` takes larger archives


def as_download(package: Mapping[str, Any], *, name: str) -> HttpResponseBase:
    """The package as a file named after the organisation and the day: YAML, or an archive where files go with it."""
    stem = f"{current_organization().slug}-{name}-{localdate():%Y-%m-%d}"
    if any(packages.named_in(package)):
        archive = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        packages.archives.write(archive, package, packages.Files())
        archive.seek(0)
        return FileResponse(archive, as_attachment=True, filename=f"{stem}.zip", content_type="application/zip")
    headers = {"Content-Disposition": f'attachment; filename="{stem}.yaml"'}
    return HttpResponse(packages.dump(package), content_type="application/yaml; charset=utf-8", headers=headers)


@dataclass(frozen=True, slots=True)
class Shown:
    """A change in the words of its forms and, line by line, how the package differs from what is there."""

    change: packages.Change
    lines: tuple[str, ...]

    @property
    def kind(self) -> str:
        return wording.kind_in_words(self.change.kind)

    @property
    def fields(self) -> str:
        return wording.fields_in_words(self.change.kind, self.change.fields)

    @property
    def kept(self) -> str:
        return wording.fields_in_words(self.change.kind, self.change.kept)

    @property
    def conflicts(self) -> list[tuple[str, packages.Conflict]]:
        return [(wording.path_in_words(self.change.kind, one.path), one) for one in self.change.conflicts]


class TransferForm(forms.Form):
    """First post: a choice, tried without writing and put aside. Second post: what was put aside, `confirmed`, what is left
    out, and what was chosen where both sides changed the same."""

    shown_at: str  # the field at which problems are told

    staged = forms.CharField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.row: StagedPackage | None = None
        self.signature: packages.Signature | None = None

    def is_confirmed(self) -> bool:
        return bool(self.cleaned_data.get("confirmed"))

    def take_staged(self, name: str) -> None:
        try:
            self.row = staging.staged(name, made_by=self.user)
        except packages.PackageRefused as refused:
            self._tell(refused)

    def run(self) -> list[Shown]:
        """Write it, or only try it before the author confirmed; problems become errors of the form."""
        assert self.row is not None
        try:
            with self.opened() as package:
                if self.is_confirmed() and self._written(package):
                    staging.drop(self.row)
                    return []
                shown = self._shown(package)
        except packages.PackageRefused as refused:
            self._tell(refused)
            staging.drop(self.row)
            return []
        return shown

    @contextmanager
    def opened(self) -> Iterator[packages.Package]:
        """The package with its files. Raises `PackageRefused`."""
        assert self.row is not None
        with staging.opened(self.row, *self.places()) as package:
            self.signature = packages.verified(package)
            yield package

    def places(self) -> list[Place]:
        """Where else the files of the package are found. Raises `PackageRefused`."""
        return []

    def bring(self, package: packages.Package, **how: Any) -> list[packages.Change]:
        return packages.import_package(package, author=self.user, choices=self.choices(), **how)

    def differences(self, package: packages.Package) -> list[packages.Difference]:
        return packages.differences(package)

    def _written(self, package: packages.Package) -> bool:
        """False where it was refused: then the author sees once more what is to be decided."""
        try:
            self.bring(package)
        except packages.PackageRefused as refused:
            self._tell(refused)
            return False
        return True

    def _shown(self, package: packages.Package) -> list[Shown]:
        changes = self.bring(package, dry_run=True)
        lines = {(one.kind, one.key, one.language): one.lines for one in self.differences(package)}
        return [Shown(change, lines.get((change.kind, change.key, change.language), ())) for change in changes]

    def _tell(self, refused: packages.PackageRefused) -> None:
        for problem in refused.problems:
            self.add_error(self.shown_at, problem)

    def choices(self) -> packages.Choices:
        data: Any = self.data
        single: dict[str, Any] = {
            name.removeprefix("choice:"): side
            for name, side in data.items()
            if name.startswith("choice:") and side in {"ours", "theirs"}
        }
        return packages.Choices(single=single, leave=frozenset(data.getlist("leave")))


class ImportForm(TransferForm):
    """From a file, or from another organisation."""

    shown_at = "file"

    file = forms.FileField(
        required=False,
        label=gettext_lazy("Content file"),
        help_text=gettext_lazy(
            "A file that was exported from Parley: YAML or JSON of at most 4 MB, or a ZIP archive of at most 100 MB."
        ),
        widget=UnfoldAdminFileFieldWidget({"accept": ".yaml,.yml,.json,.zip"}),
    )
    source = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Or everything from another organisation"),
        help_text=gettext_lazy("Organisations in which you author, too."),
        widget=forms.Select({"class": "authoring-select"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = {other.slug: other for other in others_of(self.user)}
        choose_among(
            self.fields["source"], [("", _("none")), *((slug, one.name) for slug, one in self.sources.items())]
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        file, source = values.get("file"), self.sources.get(values.get("source") or "")
        if self.errors:
            return values
        if values.get("confirmed"):
            self.take_staged(values.get("staged") or "")
        elif file is not None:
            if file.size > LARGEST:
                self.add_error("file", _("The file is larger than %(most)d MB.") % {"most": LARGEST // 1_000_000})
            else:
                self.row = staging.stage(file, made_by=self.user)
        elif source is not None:
            text = text_of(source)
            self.row = staging.stage(text.encode(), made_by=self.user, source=source.slug)
        else:
            self.add_error("file", _("Choose a file."))
        return values

    def places(self) -> list[Place]:
        assert self.row is not None
        if not self.row.source:
            return []
        source = self.sources.get(self.row.source)
        if source is None:
            raise packages.PackageRefused([_("You no longer author in the organisation that this comes from.")])
        return [kept_by(source)]

    def bring(self, package: packages.Package, **how: Any) -> list[packages.Change]:
        assert self.row is not None
        return super().bring(package, origin=self.row.source, **how)


def choose_among(field: Any, choices: list[tuple[str, str]]) -> None:
    field.choices = choices
