"""Platform pages: the same on every host, without an organisation."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from integrations.llm import pages
from reporting.latency_views import on_platform

from . import installable, views

# Operators sign in like everybody else, with locks and second factors.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

operating = [
    path("latency/", on_platform(admin.site), name="latency"),
    path("costs/", pages.on_platform(admin.site), name="costs"),
]
urlpatterns = [
    path("", views.landing, name="landing"),
    path("health", views.health, name="health"),
    path("api/health", views.health),  # where older tools looked for it
    path("sw.js", installable.service_worker, name="service-worker"),
    path("offline/", installable.offline, name="offline"),
    path("accounts/", include("accounts.platform_urls")),
    path("accounts/", include("allauth.urls")),
    path("i18n/setlang/", views.choose_language, name="set_language"),
    path("admin/", include((operating, "admin"), namespace="operating")),
    path("admin/", admin.site.urls),
]
handler400 = views.bad_request
handler403 = views.forbidden
handler404 = views.not_found
handler500 = views.server_error
