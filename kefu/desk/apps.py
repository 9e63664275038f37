from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "kefu.desk"
    label = "desk"

    def ready(self) -> None:
        from kefu.desk import receivers  # noqa: F401  connects them
