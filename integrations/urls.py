"""Where vendors post to. With or without a slash at the end: some vendors' forms take one off."""

from __future__ import annotations

from django.urls import re_path

from integrations.inbound import views

urlpatterns = [
    re_path(r"^api/webhooks/(?P<vendor>[a-z_]{1,20})/?$", views.receive, name="inbound"),
    # As the tools that came before named it.
    re_path(r"^api/vapi/webhook/?$", views.receive, {"vendor": "vapi"}),
]
