"""Questions about products, answered from their attributes: find the product, find what is asked, say what is stated."""

from kefu.assistant.actions.catalog.answering import CatalogueAnswer, answer
from kefu.assistant.actions.catalog.finding import names_a_product

__all__ = ["CatalogueAnswer", "answer", "names_a_product"]
