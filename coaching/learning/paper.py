"""A certificate as a PDF page, landscape A4."""

from __future__ import annotations

import logging
from datetime import datetime
from importlib.resources import files

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from scenarios.training.calendars import zone

from .models import Certificate

FONTS = files("font_roboto") / "files"
INK, QUIET, ACCENT = (30, 41, 48), (91, 105, 112), (15, 92, 92)
MARGIN = 14
# It writes dozens of lines about each font that it cuts to size, with the letters of the holder's name.
logging.getLogger("fontTools").setLevel(logging.WARNING)


def as_pdf(certificate: Certificate, *, organization: str, address: str = "") -> bytes:
    """In the certificate's own language. `address`: where anybody can look it up; empty where nobody may."""
    with translation.override(certificate.language):
        return _drawn(certificate, organization, address)


def _drawn(certificate: Certificate, organization: str, address: str) -> bytes:
    page = FPDF(orientation="landscape", format="A4")
    page.set_title(f"{certificate.title} – {certificate.holder}")
    page.set_lang(certificate.language)
    page.add_font("Roboto", "", str(FONTS / "Roboto-Regular.ttf"))
    page.add_font("Roboto", "B", str(FONTS / "Roboto-Bold.ttf"))
    page.set_auto_page_break(False)
    page.add_page()
    page.set_draw_color(*ACCENT)
    page.set_line_width(0.8)
    page.rect(MARGIN, MARGIN, page.w - 2 * MARGIN, page.h - 2 * MARGIN)
    page.set_y(38)
    _line(page, organization, size=14, colour=QUIET)
    _line(page, _("Certificate"), size=34, colour=ACCENT, bold=True, above=6)
    _line(page, _("This is to certify that"), size=13, colour=QUIET, above=10)
    _line(page, certificate.holder, size=28, bold=True, above=3)
    _line(page, _("has passed every part of"), size=13, colour=QUIET, above=5)
    _line(page, certificate.title, size=20, bold=True, above=3)
    _line(page, _dates(certificate), size=12, above=10)
    if address:
        _line(page, _("Anybody can look this up here:"), size=9, colour=QUIET, above=12)
        _line(page, address, size=9, link=address)
    return bytes(page.output())


def _dates(certificate: Certificate) -> str:
    parts = [_("Issued on %(day)s") % {"day": _day(certificate.issued_at)}] if certificate.issued_at else []
    if certificate.expires_at:
        parts.append(_("valid until %(day)s") % {"day": _day(certificate.expires_at)})
    return ", ".join(parts)


def _day(moment: datetime) -> str:
    return str(date_format(moment.astimezone(zone()), "DATE_FORMAT"))


def _line(
    page: FPDF,
    text: str,
    *,
    size: int,
    colour: tuple[int, int, int] = INK,
    bold: bool = False,
    above: float = 0,
    link: str = "",
) -> None:
    """One centred line; a long one becomes several."""
    page.set_y(page.get_y() + above)
    page.set_x(MARGIN + 10)
    page.set_font("Roboto", "B" if bold else "", size)
    page.set_text_color(*colour)
    page.multi_cell(
        page.w - 2 * MARGIN - 20, size * 0.5, text, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT, link=link
    )
