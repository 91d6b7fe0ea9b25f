"""Files in and out of the admin: choose a file, see what it would do, confirm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from scenarios import packages
from tenants.context import current_organization


def as_download(package: Mapping[str, Any], *, name: str) -> HttpResponse:
    """The package as a file named after the organisation and the day."""
    file = f"{current_organization().slug}-{name}-{localdate():%Y-%m-%d}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return HttpResponse(packages.dump(package), content_type="application/yaml; charset=utf-8", headers=headers)


class ImportForm(forms.Form):
    """First post: a file, tried without writing. Second post: its text again, and `confirmed`."""

    file = forms.FileField(
        required=False,
        label=gettext_lazy("Content file"),
        help_text=gettext_lazy("A YAML or JSON file that was exported from Parley, at most 1 MB."),
        widget=UnfoldAdminFileFieldWidget({"accept": ".yaml,.yml,.json"}),
    )
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        file = values.get("file")
        if file is not None:
            if file.size > packages.LARGEST:
                self.add_error("file", _("The file is larger than %(most)d kB.") % {"most": packages.LARGEST // 1000})
                return values
            try:
                values["text"] = file.read().decode("utf-8")
            except UnicodeDecodeError:
                self.add_error("file", _("This file is not UTF-8 text."))
        elif not values.get("text") and not self.errors:
            self.add_error("file", _("Choose a file."))
        return values

    def is_confirmed(self) -> bool:
        return bool(self.cleaned_data.get("confirmed")) and self.cleaned_data.get("file") is None

    def run(self) -> list[packages.Change]:
        """Import, or only try it before the author confirmed; problems become errors of the form."""
        try:
            return packages.import_package(packages.parse(self.content()), dry_run=not self.is_confirmed())
        except packages.PackageRefused as refused:
            for problem in refused.problems:
                self.add_error("file", problem)
            return []

    def content(self) -> str:
        """The file's text, for the second post."""
        return str(self.cleaned_data.get("text", ""))
