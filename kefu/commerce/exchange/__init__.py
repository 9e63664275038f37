"""The shop's data in and out of files: docs/reference/import-format.md says how they look.

reading.py turns a file into records, fields.py and shapes.py turn records into checked values, loading.py brings them
into the database batch by batch, writing.py is the way back.
"""

from kefu.commerce.exchange.loading import Importer
from kefu.commerce.exchange.problems import Problem
from kefu.commerce.exchange.shapes import KINDS
from kefu.commerce.exchange.writing import export_kind

__all__ = ["KINDS", "Importer", "Problem", "export_kind"]
