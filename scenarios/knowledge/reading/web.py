"""Text out of a web page that was saved as HTML."""

from __future__ import annotations

from lxml import etree, html

from .outline import Outline, Passage
from .refusals import broken

# Not what the page says, or not what its reader sees.
LEFT_OUT = {"script", "style", "template", "noscript", "nav", "footer", "form", "svg", "iframe", "object", "head"}
BLOCKS = {
    "p",
    "li",
    "pre",
    "blockquote",
    "dt",
    "dd",
    "tr",
    "div",
    "section",
    "article",
    "main",
    "table",
    "ul",
    "ol",
    "br",
}
CELLS = {"td", "th"}
HEADINGS = {f"h{level}": level for level in range(1, 7)}


def passages_of(text: str) -> list[Passage]:
    """Raises `Refused`."""
    try:
        # Text that says its own encoding is refused as text; as bytes it is read in the one we give.
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise broken(error) from None
    for element in list(root.iter()):
        if element is not root and (element.tag in LEFT_OUT or _is_hidden(element)):
            element.drop_tree()
    outline = Outline()
    pending: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = str(element.tag)
        if event == "start":
            if tag in HEADINGS or tag in BLOCKS:
                _end(outline, pending)
            pending.append(element.text or "")
            continue
        if tag in HEADINGS:
            outline.heading(" ".join(pending), level=HEADINGS[tag])
            pending.clear()
        elif tag in BLOCKS:
            _end(outline, pending)
        elif tag in CELLS:
            pending.append(" | ")
        pending.append(element.tail or "")
    _end(outline, pending)
    return outline.passages()


def _is_hidden(element: etree._Element) -> bool:
    style = "".join(str(element.get("style", "")).lower().split())
    return element.get("hidden") is not None or "display:none" in style or "visibility:hidden" in style


def _end(outline: Outline, pending: list[str]) -> None:
    outline.paragraph(" ".join("".join(pending).split()).strip(" |"))
    pending.clear()
