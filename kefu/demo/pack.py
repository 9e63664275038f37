"""What the demo is made of, read from the pack."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from django.conf import settings

FOLDER = "ecommerce/demo"


@cache
def declared(name: str) -> Any:
    """One file of the pack's demo folder: "people" is people.yaml. Raises OSError, yaml.YAMLError."""
    with (settings.PACKS_DIR / FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # a safe loader


def families() -> list[dict[str, Any]]:
    """Every product family, in the order of the files' names."""
    names = sorted(path.stem for path in (settings.PACKS_DIR / FOLDER / "catalogue").glob("*.yaml"))
    return [family for name in names if name != "shared" for family in declared(f"catalogue/{name}")]
