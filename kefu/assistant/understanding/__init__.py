"""From a customer's words to commands: `understand` and `understand_choice` are the door, `warm` loads it early."""

from kefu.assistant.understanding.door import understand, understand_choice, warm

__all__ = ["understand", "understand_choice", "warm"]
