"""The conversation in which actions are called, here too."""

from kefu.assistant.actions.tests.conftest import do, talk

__all__ = ["do", "talk"]
