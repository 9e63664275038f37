"""Questions about products, answered from their attributes: find the product, see what is asked, say what stands."""

from kefu.assistant.actions.catalog.answering import CatalogueAnswer, answer
from kefu.assistant.actions.catalog.finding import names_a_product

__all__ = ["CatalogueAnswer", "answer", "names_a_product"]
