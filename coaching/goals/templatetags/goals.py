"""Medals in words and numbers as they were typed, for pages."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format

from accounts.models import User
from coaching.goals.medals import words_of
from coaching.goals.models import Medal

register = template.Library()


@register.filter
def plain(number: Decimal | None) -> str:
    """A number that somebody typed, without zeros that they did not type: 12.5 and 20."""
    return "" if number is None else number_format(number.normalize())


@register.simple_tag
def medals_of(user: User) -> list[Medal]:
    """Everything that somebody earned, newest first."""
    return list(Medal.objects.filter(user_id=user.pk))


@register.simple_tag
def medal_words(medal: Medal) -> dict[str, str]:
    """`{title, text}` in the reader's language."""
    title, text = words_of(medal)
    return {"title": title, "text": text}
