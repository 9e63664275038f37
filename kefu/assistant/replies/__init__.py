"""From effects that speak to one text: the pack's words, filled from results only."""
