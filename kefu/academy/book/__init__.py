"""The scenario book: a pack's short stories, played on the real database and judged by what is there afterwards."""
