from django.apps import AppConfig


class AssistantConfig(AppConfig):
    name = "kefu.assistant"
    label = "assistant"

    def ready(self) -> None:
        from kefu.assistant import receivers  # noqa: F401  connects them
        from kefu.assistant.editions.working_tables import own_tables_of
        from kefu.commerce.tables import own_tables_come_from

        own_tables_come_from(own_tables_of)
