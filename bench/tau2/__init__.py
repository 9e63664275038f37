"""τ²-bench retail against Kefu: its shop as a brand, its reference actions through Kefu's door, its wishes in talks."""
