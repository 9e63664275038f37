"""The addresses of the public chat. docs/reference/chat-interface.md lists them; a test compares the two."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from kefu.web.chat import conversations, demo_shop, files, messages, pages
from kefu.web.chat.endpoint import by_method, for_holder

urlpatterns: list[URLPattern | URLResolver] = [
    path("chat/v1/<str:channel_id>/settings", by_method(GET=conversations.public_settings)),
    path("chat/v1/<str:channel_id>/conversations", by_method(POST=conversations.start)),
    path(
        "chat/v1/<str:channel_id>/messages",
        by_method(GET=for_holder(messages.read_history), POST=for_holder(messages.say)),
    ),
    path("chat/v1/<str:channel_id>/files", by_method(POST=for_holder(files.upload))),
    path("chat/v1/<str:channel_id>/files/<uuid:file_id>", by_method(GET=for_holder(files.download))),
    path("chat/v1/<str:channel_id>/typing", by_method(POST=for_holder(messages.typing))),
    path("chat/v1/<str:channel_id>/read", by_method(POST=for_holder(messages.mark_read))),
    path("chat/v1/<str:channel_id>/stream-token", by_method(POST=for_holder(messages.stream_token))),
    re_path(r"^chat/v1/(?P<channel_id>[^/]*)(/.*)?$", pages.no_such_address),
    path("widget.js", pages.widget, name="widget"),
    path("chat/<uuid:channel_id>/", pages.whole_page, name="chat_page"),
    path("demo-shop/", demo_shop.demo_shop, name="demo_shop"),
]
