"""The addresses of the pages."""

from django.urls import URLPattern, URLResolver, include, path

from kefu.web import invoices, sign_in, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("healthz", views.health, name="health"),
    path("hooks/<uuid:public_id>/", views.webhook, name="webhook"),
    path("invoices/<str:token>/", invoices.invoice, name="invoice"),
    path("language/", views.language, name="language"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("desk/", include("kefu.web.desk.urls")),
    path("", include("kefu.web.chat.urls")),
]
