"""The organisation's admin (django-unfold). Its pages are `config.admin_pages`, its colours static/src/theme.css's teal."""

from __future__ import annotations

from typing import Any

from .environment import SITE_NAME

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": SITE_NAME,
    "SITE_HEADER": "config.admin_pages.header",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_URL": "config.admin_pages.way_back",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "config.admin_pages.icon"}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "config.admin_pages.index",
    "STYLES": ["config.admin_pages.stylesheet"],
    "SCRIPTS": ["config.admin_pages.script"],
    "SIDEBAR": {"show_search": False, "navigation": "config.admin_pages.navigation"},
    "COLORS": {
        "primary": {
            "50": "oklch(0.976 0.014 190)",
            "100": "oklch(0.945 0.032 190)",
            "200": "oklch(0.9 0.056 190)",
            "300": "oklch(0.845 0.082 189)",
            "400": "oklch(0.77 0.1 188)",
            "500": "oklch(0.58 0.092 191)",
            "600": "oklch(0.46 0.085 192)",
            "700": "oklch(0.42 0.082 192)",
            "800": "oklch(0.36 0.068 192)",
            "900": "oklch(0.31 0.055 193)",
            "950": "oklch(0.23 0.04 195)",
        }
    },
}
