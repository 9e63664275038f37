from django.apps import AppConfig


class AssistantConfig(AppConfig):
    name = "kefu.assistant"
    label = "assistant"

    def ready(self) -> None:
        from kefu.assistant import receivers  # noqa: F401  connects them
