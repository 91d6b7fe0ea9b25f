"""The page on which an author draws where a call can go, and what it asks the server for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.decorators import action

from scenarios import graph_editing
from scenarios.branching import Graph
from scenarios.branching.people import problems_in
from scenarios.models import Scenario
from tenants.errors import Conflict, InvalidInput

from .branching_words import conditions, kinds, limits, outcomes, texts


class BranchingPages:
    """For the admin of scenarios: the editor, its live check, and saving with a check of the revision."""

    @action(description=gettext_lazy("Branching"), url_path="branching", permissions=["view"], icon="account_tree")
    def branching(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
        scenario: Scenario = self.wanted(request, object_id, "view")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Branching: %(title)s") % {"title": scenario},
            "opts": self.opts,
            "original": scenario,
            "item": scenario,
            "pages": {verb: self.page(verb, scenario) for verb in ("change", "preview")},
            "editor": self.editor_data(request, scenario),
        }
        return TemplateResponse(request, "scenarios/admin/branching.html", context)

    def editor_data(self: Any, request: HttpRequest, scenario: Scenario) -> dict[str, Any]:
        """What static/src/branching/graph.ts calls `PageData`."""
        language = get_language() or scenario.language
        return {
            "graph": scenario.graph,
            "revision": scenario.revision,
            "editable": self.has_change_permission(request, scenario),
            "urls": {
                "check": self.page("check_graph", scenario),
                "save": self.page("save_graph", scenario),
                "preview": self.page("preview", scenario),
            },
            "persona": str(scenario.persona_id),
            "personas": [
                {
                    "key": str(persona.pk),
                    "name": f"{persona.name}, {persona.role}",
                    "objections": [{"value": row.key, "label": row.text} for row in persona.objections.all()],
                    "pains": [{"value": row.key, "label": row.pain} for row in persona.hidden_pains.all()],
                }
                for persona in graph_editing.on_offer(scenario)
            ],
            "kinds": kinds(),
            "conditions": conditions(language),
            "outcomes": outcomes(language),
            "limits": limits(),
            "texts": texts(),
        }

    def get_urls(self: Any) -> list[URLPattern]:
        def url(verb: str, view: Callable[..., HttpResponse]) -> URLPattern:
            name = f"{self.opts.app_label}_{self.opts.model_name}_{verb}"
            address = f"<uuid:pk>/branching/{verb.removesuffix('_graph')}/"
            return path(address, self.admin_site.admin_view(require_POST(view)), name=name)

        views = {"check_graph": self.check_graph_view, "save_graph": self.save_graph_view}
        urls = super().get_urls()  # of the admin it is mixed into
        return [*[url(verb, view) for verb, view in views.items()], *urls]

    def check_graph_view(self: Any, request: HttpRequest, pk: Any) -> HttpResponse:
        """`{graph}` → `{problems: [{element, id, code, message}], text}`; writes nothing."""
        scenario: Scenario = self.wanted(request, pk, "view")
        data = sent(request).get("graph", {})
        if data == {"nodes": [], "edges": []}:
            return JsonResponse({"problems": [], "text": ""})
        problems = problems_in(scenario, data)
        readable = not any(problem.code == "malformed" for problem in problems)
        text = graph_editing.read_as_text(scenario, Graph.from_json(data)) if readable else ""
        return JsonResponse({"problems": [problem.to_json() for problem in problems], "text": text})

    def save_graph_view(self: Any, request: HttpRequest, pk: Any) -> HttpResponse:
        """`{graph, revision}` → `{revision, graph, message}`;
        409 where it was saved since, with `{revision, by, differences}`."""
        scenario: Scenario = self.wanted(request, pk, "change")
        body = sent(request)
        revision = body.get("revision")
        if not isinstance(revision, int):
            raise InvalidInput(_("The revision is missing."), details={"field": "revision"})
        graph = graph_editing.read_graph(body.get("graph"))
        try:
            saved = graph_editing.save_graph(scenario=scenario, graph=graph, seen_revision=revision)
        except Conflict as conflict:
            raise Conflict(conflict.message, details={**conflict.details, "by": last_author(scenario)}) from None
        self.log_change(request, saved, _("Branching changed."))
        problems = problems_in(saved)
        message = (
            _("Saved. It cannot be published before what is listed below is put right.") if problems else _("Saved.")
        )
        return JsonResponse({"revision": saved.revision, "graph": saved.graph, "message": message})


def sent(request: HttpRequest) -> dict[str, Any]:
    """The JSON object in a request. Raises `InvalidInput`."""
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvalidInput(_("This is no JSON object."))
    return body


def last_author(scenario: Scenario) -> str:
    """Who saved a scenario in the admin last, as far as its log says."""
    entry = LogEntry.objects.filter(object_id=str(scenario.pk)).select_related("user").order_by("-action_time").first()
    return str(entry.user) if entry else _("Somebody else")
