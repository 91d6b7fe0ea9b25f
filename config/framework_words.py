"""Words of the admins' framework, which comes without translations. Named here, they are translated with our own."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

WORDS = (
    _("All applications"),
    _("Apply Filters"),
    _("Choose file to upload"),
    _("Click to cancel"),
    _("Click to download"),
    _("Date from"),
    _("Date to"),
    _("Expand row"),
    _("Go back"),
    _("Loading more results..."),
    _("More actions"),
    _("No data"),
    _("No recent searches"),
    _("No results found"),
    _("No results matching your query"),
    _("Recent searches"),
    _("Reset filters"),
    _("Return to site"),
    _("Run"),
    _("Search apps and models..."),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Toggle password visibility"),
    _("Type to search"),
)
