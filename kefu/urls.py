"""Every address of Kefu; each room that has pages lists its own."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("kefu.api.urls")),
    path("", include("kefu.web.urls")),
]

handler400 = "kefu.web.errors.bad_request"
handler403 = "kefu.web.errors.forbidden"
handler404 = "kefu.web.errors.not_found"
handler500 = "kefu.web.errors.fault"
