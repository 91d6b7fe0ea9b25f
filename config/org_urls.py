"""An organisation's pages and API. The middleware has taken `/org/<slug>` off the path; on a custom domain there was none."""

from __future__ import annotations

from django.urls import include, path

from accounts.org_admin import org_site
from accounts.pages import mail_preview
from integrations.llm import pages
from reporting.latency_views import on_site
from scoring.experiments.views import admin_urls as experiment_urls
from scoring.flights.views import admin_urls as flight_urls
from scoring.impact_views import admin_urls

from . import installable, views

operating = [
    path("latency/", on_site(org_site), name="latency"),
    path("costs/", pages.on_site(org_site), name="costs"),
    path("mails/", mail_preview.on_site(org_site), name="mails"),
]
urlpatterns = [
    path("admin/", include((operating, "admin"), namespace="operating")),
    path("admin/", include((admin_urls(), "admin"), namespace="judging")),
    path("admin/", include((flight_urls(), "admin"), namespace="flights")),
    path("admin/", include((experiment_urls(), "admin"), namespace="experiments")),
    path("admin/", org_site.urls),
    path("manifest.webmanifest", installable.manifest, name="manifest"),
    path("api/v1/", include("config.api")),
    path("", include("accounts.urls")),
    path("", include("calls.urls")),
    path("", include("coaching.learning.urls")),
    path("", include("scoring.urls")),
    path("", include("coaching.goals.urls")),
    path("", include("coaching.own_scenarios.urls")),
    path("", include("coaching.coach.urls")),
    path("", include("reporting.urls")),
    path("", include("integrations.urls")),
    path("", include("config.source_urls")),
]
handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
