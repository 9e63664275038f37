from importlib import import_module

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "kefu.channels"
    label = "channels"

    def ready(self) -> None:
        import_module("kefu.channels.receivers")
        import_module("kefu.channels.registry").declare_abilities()
