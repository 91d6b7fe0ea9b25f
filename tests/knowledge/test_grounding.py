"""A criterion that names a document is held against what the document said when the rubric was published."""

from __future__ import annotations

import pytest

from scenarios import publishing
from scenarios.briefs import LONGEST_SOURCE
from scenarios.contents import rubric_content
from scenarios.knowledge import grounding, ingestion, library
from scenarios.models import Criterion, Rubric
from scenarios.validation import NotReady
from tests.cast import Cast
from tests.knowledge.rows import PRICES, make_document


def make_rubric(source: str) -> Rubric:
    rubric = Rubric.objects.create(name="Prices")
    Criterion.objects.create(
        rubric=rubric,
        key="price",
        name="Price",
        definition="States the price of a seat as the price list does.",
        weight=100,
        kind=Criterion.Kind.GROUNDED,
        source=source,
    )
    return rubric


@pytest.mark.parametrize("name", ["price-list.md", "Price list", "price LIST"], ids=["source", "title", "other-case"])
def test_what_the_document_says_is_frozen(in_acme: Cast, name: str) -> None:
    make_document(actor=in_acme.cy)
    version = publishing.publish_rubric(rubric=make_rubric(f"document: {name}"), author=in_acme.cy)
    library.add_text(text=PRICES.replace("40", "45"), title="Price list", actor=in_acme.cy)
    version.refresh_from_db()
    assert "A seat costs 40 euros" in version.spec().criteria[0].source


def test_a_document_that_is_not_there_is_refused(in_acme: Cast) -> None:
    rubric = make_rubric("document: no-such.md")
    with pytest.raises(NotReady) as refused:
        publishing.publish_rubric(rubric=rubric, author=in_acme.cy)
    assert "no-such.md" in str(refused.value.message)


def test_a_text_stays_as_it_stands(in_acme: Cast) -> None:
    text = "A seat costs 40 euros.\nThe document: is not a name here."
    assert rubric_content(make_rubric(text))["criteria"][0]["source"] == text


def test_of_a_long_document_what_is_about_it(in_acme: Cast) -> None:
    filler = "\n\n".join(
        f"## Part {n}\n\nThe van number {n} is washed on Mondays. " + "It is blue. " * 30 for n in range(40)
    )
    document = library.add_text(text=f"{filler}\n\n{PRICES}", title="Everything", actor=in_acme.cy)
    assert ingestion.ingest(document.pk)
    text = grounding.text_for("documento: everything.md", about="Price. States the price of a seat.")
    assert len(text) <= LONGEST_SOURCE
    assert "A seat costs 40 euros" in text
