"""Every address of Kefu; each room that has pages lists its own."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("kefu.api.urls")),
    path("", include("kefu.web.urls")),
]
