"""An organisation's pages and API. The middleware has taken `/org/<slug>` off the path; on a custom domain there was none."""

from __future__ import annotations

from django.urls import include, path

from accounts.org_admin import org_site
from reporting.latency_views import on_site

from . import views

urlpatterns = [
    path("admin/", include(([path("latency/", on_site(org_site), name="latency")], "admin"), namespace="operating")),
    path("admin/", org_site.urls),
    path("api/v1/", include("config.api")),
    path("", include("accounts.urls")),
    path("", include("calls.urls")),
    path("", include("scoring.urls")),
    path("", include("reporting.urls")),
    path("", include("integrations.urls")),
    path("", include("config.source_urls")),
]
handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
