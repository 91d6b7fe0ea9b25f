"""Markdown that authors wrote, as HTML that can do no harm: no scripts, styles, frames or pictures from elsewhere."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    *("h1", "h2", "h3", "h4", "p", "br", "hr", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "s", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
# Raw HTML is shown as it was typed; what the cleaner then finds can only have come from Markdown.
_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def as_html(text: str) -> SafeString:
    """Headings begin at the second level: the page has its own first one."""
    html = _markdown.render(text)
    for level in (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 1}>").replace(f"</h{level}>", f"</h{level + 1}>")
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308  the line above is what makes it safe
