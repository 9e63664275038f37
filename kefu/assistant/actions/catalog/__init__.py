"""Questions about products, answered from their attributes: find the product, see what is asked, say what stands."""

from kefu.assistant.actions.catalog.answering import CatalogueAnswer, answer, wordings
from kefu.assistant.actions.catalog.finding import named_products, names_a_product
from kefu.assistant.actions.catalog.subject import Known, lone_number

__all__ = ["CatalogueAnswer", "Known", "answer", "lone_number", "named_products", "names_a_product", "wordings"]
