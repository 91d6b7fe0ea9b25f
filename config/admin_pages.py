"""How the admins look: navigation, colours, and the index of an organisation's admin. Named in `settings.UNFOLD`."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import site as operator_site
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.memberships import may
from accounts.org_admin import org_site
from accounts.roles import Action
from scenarios.admin.dashboard import authoring_overview

ICONS = {
    "persona": "record_voice_over",
    "rubric": "checklist",
    "scenario": "theater_comedy",
    "generation": "auto_awesome",
    "knowledgedocument": "menu_book",
    "scorerun": "scoreboard",
    "quotetally": "format_quote",
    "track": "route",
    "program": "library_books",
    "assignment": "assignment_ind",
    "call": "call",
    "team": "groups",
    "membership": "badge",
    "user": "person",
    "invitation": "mail",
    "apitoken": "key",
    "consent": "handshake",
    "auditevent": "history",
    "organization": "apartment",
    "vendoraccount": "vpn_key",
    "voicepolicy": "graphic_eq",
    "inboundevent": "move_to_inbox",
    "domain": "language",
    "budget": "savings",
    "modelcall": "receipt_long",
    "providermodel": "model_training",
    "promptversion": "edit_note",
    "trial": "science",
    "trustedkey": "key_vertical",
    "takeout": "inventory_2",
}
# Authors think in the order in which they work.
ORDER = ("scenario", "persona", "rubric")


def experiments(request: HttpRequest) -> list[dict[str, Any]]:
    """The way to the experiments of an organisation, for its authors."""
    if not may(request.user, getattr(request, "organization", None), Action.AUTHOR):
        return []
    return [{"title": _("Experiments"), "icon": "science", "link": reverse("experiments:list")}]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: whatever is registered and this person may see, grouped by app."""
    site = org_site if getattr(request, "organization", None) else operator_site
    first = [
        {"title": _("Overview"), "icon": "home", "link": reverse("admin:index")},
        {"title": _("Response times"), "icon": "speed", "link": reverse("operating:latency")},
        {"title": _("Costs of language models and voices"), "icon": "payments", "link": reverse("operating:costs")},
        *experiments(request),
        {"title": _("Back to Parley"), "icon": "arrow_back", "link": way_back(request), "active": False},
    ]
    if may(request.user, getattr(request, "organization", None), Action.MANAGE_ORGANIZATION):
        first.insert(-1, {"title": _("Mails"), "icon": "mail", "link": reverse("operating:mails")})
    groups: list[dict[str, Any]] = [{"title": "", "items": first}]
    for app in _apps(site.get_app_list(request)):
        items = [
            {
                "title": str(model["name"]),
                "icon": ICONS.get(model["object_name"].lower(), "folder"),
                "link": model["admin_url"],
            }
            for model in sorted(app["models"], key=_by_work)
            if model.get("admin_url")
        ]
        if items:
            groups.append({"title": str(app["name"]), "separator": True, "items": items})
    return groups


def _apps(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Authoring first; memberships, which live in another app than teams, beside them."""
    people = next((app for app in apps if app["app_label"] == "people"), None)
    if people is not None:
        for app in [app for app in apps if app["app_label"] == "accounts"]:
            people["models"] = [*people["models"], *app["models"]]
            apps = [other for other in apps if other is not app]
    return sorted(apps, key=lambda app: (app["app_label"] != "scenarios", str(app["name"])))


def _by_work(model: dict[str, Any]) -> tuple[int, str]:
    name = model["object_name"].lower()
    return (ORDER.index(name) if name in ORDER else len(ORDER), str(model["name"]))


def way_back(request: HttpRequest) -> str:
    """From the admin to the pages of the organisation, or to the front page."""
    return reverse("home") if getattr(request, "organization", None) else "/"


def header(request: HttpRequest) -> str:
    organization = getattr(request, "organization", None)
    return str(organization) if organization else "Parley"


def index(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """The index of an organisation's admin says what an author may want to do next."""
    organization = getattr(request, "organization", None)
    if may(request.user, organization, Action.AUTHOR):
        context |= {"authoring": authoring_overview(), "title": _("Overview")}
    return context


def icon(request: HttpRequest) -> str:
    return static("parley/icon.svg")


def stylesheet(request: HttpRequest) -> str:
    return static("scenarios/authoring.css")


def script(request: HttpRequest) -> str:
    return static("parley/admin.js")
