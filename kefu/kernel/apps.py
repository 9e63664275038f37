from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "kefu.kernel"
    label = "kernel"
