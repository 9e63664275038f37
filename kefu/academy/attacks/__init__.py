"""Attacks on the shop, written as data, played through the real doors and judged by what changed and what was seen."""
