"""What a page does with a sheet: shown first line by line, done on confirmation, and its report as a sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.forms import SheetForm
from tenants.errors import DomainError
from tenants.sheets import LARGEST, decoded


class Report(Protocol):
    """What became of the lines, or would."""

    def as_csv(self) -> str: ...


def worked(
    request: HttpRequest,
    *,
    run: Callable[..., Report],
    actor: Any,
    template: str,
    page: Callable[..., HttpResponse],
) -> HttpResponse:
    """Answers a POST: a `file` is tried; its `text` comes back with `confirm`, and is done, or with `as=csv`.

    `run(text, actor=, dry_run=)` does it, `page(request, sheet_form=, status=)` is where a sheet is chosen and what is wrong
    with one is said."""
    confirmed = "confirm" in request.POST
    form = SheetForm(request.POST, request.FILES)
    try:
        if confirmed or "as" in request.POST:
            text = request.POST.get("text", "")
        elif form.is_valid():
            text = decoded(form.cleaned_data["file"].read(LARGEST + 1))
        else:
            return page(request, sheet_form=form, status=400)
        report = run(text, actor=actor, dry_run=not confirmed)
    except DomainError as error:
        form.add_error(None, str(error.details.get("issue") or error.message))
        return page(request, sheet_form=form, status=400)
    if request.POST.get("as") == "csv":
        headers = {"Content-Disposition": 'attachment; filename="report.csv"'}
        return HttpResponse(report.as_csv(), content_type="text/csv; charset=utf-8", headers=headers)
    return render(request, template, {"report": report, "text": text})
