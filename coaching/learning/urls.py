"""Pages of learning, below the organisation."""

from __future__ import annotations

from django.urls import path

from . import assign_views, certificate_views, team_views, views

app_name = "learning"
urlpatterns = [
    path("learn/", views.learn, name="learn"),
    path("learn/team/", team_views.team, name="team"),
    path("learn/team/completion.csv", team_views.team_sheet, name="team-sheet"),
    path("learn/programs/<uuid:program_id>/", team_views.program, name="program"),
    path("learn/assign/", assign_views.assign, name="assign"),
    path("learn/assign/sheet/", assign_views.sheet, name="assign-sheet"),
    path("learn/assign/<uuid:assignment_id>/do/", assign_views.act, name="assign-do"),
    path("learn/<uuid:assignment_id>/", views.course, name="course"),
    path("learn/<uuid:assignment_id>/<slug:key>/", views.item, name="item"),
    path("learn/<uuid:assignment_id>/<slug:key>/files/<uuid:file_id>/", views.attached, name="file"),
    path("certificates/<uuid:certificate_id>/", certificate_views.certificate, name="certificate"),
    path("certificates/<uuid:certificate_id>/certificate.pdf", certificate_views.pdf, name="certificate-pdf"),
    path("certificates/<uuid:certificate_id>/do/", certificate_views.act, name="certificate-do"),
    path("verify/<str:code>/", certificate_views.verify, name="verify"),
]
