"""What a scenario sells: the seller's name and the offer, told apart and put together."""

from __future__ import annotations

import pytest

from scenarios.products import product_line, seller_and_offer


@pytest.mark.parametrize(
    ("product", "seller", "offer"),
    [
        pytest.param(
            "RouteWise, route planning for van fleets", "RouteWise", "route planning for van fleets", id="both"
        ),
        pytest.param("route planning for van fleets", "", "route planning for van fleets", id="offer-only"),
        pytest.param("Crumb", "Crumb", "Crumb", id="name-only"),
        pytest.param("Lumenroute makes maps, tours and more.", "Lumenroute", "maps, tours and more", id="sentence"),
        pytest.param("Citalia ayuda a clínicas a llenar sus huecos", "Citalia", "Citalia", id="helps"),
        pytest.param("La Miga ofrece pedidos para panaderías", "La Miga", "pedidos para panaderías", id="spanish"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_a_seller_is_told_from_what_they_sell(product: str, seller: str, offer: str) -> None:
    assert seller_and_offer(product) == (seller, offer)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("route planning for van fleets", "Lumenroute, route planning for van fleets", id="offer"),
        pytest.param("Lumenroute makes route planning software.", "Lumenroute, route planning software", id="sentence"),
        pytest.param("We sell route planning.", "Lumenroute, route planning", id="we"),
        pytest.param("Lumenroute helps hauliers plan.", "Lumenroute helps hauliers plan", id="told-otherwise"),
        pytest.param("Lumenroute, route planning", "Lumenroute, route planning", id="as-it-should-be"),
    ],
)
def test_a_product_names_its_seller_first(text: str, line: str) -> None:
    assert product_line(text, seller="Lumenroute") == line


def test_without_a_seller_the_text_stays() -> None:
    assert product_line("route planning", seller="") == "route planning"
