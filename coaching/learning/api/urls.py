"""REST paths of learning, below `api/v1/`."""

from __future__ import annotations

from django.urls import path

from . import certificates

urlpatterns = [
    path("certificates/", certificates.CertificateList.as_view(), name="api-certificates"),
    path("certificates/<uuid:certificate_id>/", certificates.CertificateDetail.as_view(), name="api-certificate"),
    path(
        "certificates/<uuid:certificate_id>/confirm/",
        certificates.CertificateConfirm.as_view(),
        name="api-certificate-confirm",
    ),
    path(
        "certificates/<uuid:certificate_id>/revoke/",
        certificates.CertificateRevoke.as_view(),
        name="api-certificate-revoke",
    ),
]
