"""Addresses of the desk. Everything here needs somebody signed in (AgentMiddleware goes by the name "desk")."""

from django.urls import path, register_converter

from kefu.web.desk import (
    approvals,
    conversation,
    deeds,
    files,
    inbox,
    preferences,
    procedures,
    search,
    shell,
    suggestion,
    tables,
    trouble,
    why,
    words,
)
from kefu.web.desk.refs import RefConverter

register_converter(RefConverter, "ref")

app_name = "desk"
urlpatterns = [
    path("", inbox.inbox, name="inbox"),
    path("rows/", inbox.more, name="more"),
    path("rows/<uuid:public_id>/", inbox.row, name="row"),
    path("queues/", inbox.queues, name="queues"),
    path("stream/", shell.stream, name="stream"),
    path("search/", search.search, name="search"),
    path("preferences/", preferences.change, name="preferences"),
    path("conversations/<ref:ref>/", conversation.conversation, name="conversation"),
    path("conversations/<ref:ref>/earlier/", conversation.earlier, name="earlier"),
    path("conversations/<ref:ref>/replies/", deeds.reply, name="reply"),
    path("conversations/<ref:ref>/suggestion/", suggestion.suggestion, name="suggestion"),
    path("conversations/<ref:ref>/suggestion/sending/", suggestion.send, name="suggestion_send"),
    path("conversations/<ref:ref>/suggestion/deed/", suggestion.do, name="suggestion_do"),
    path("conversations/<ref:ref>/notes/", deeds.note, name="note"),
    path("conversations/<ref:ref>/takeover/", deeds.take_over, name="take_over"),
    path("conversations/<ref:ref>/handback/", deeds.hand_back, name="hand_back"),
    path("conversations/<ref:ref>/assignee/", deeds.assign, name="assign"),
    path("conversations/<ref:ref>/closure/", deeds.close, name="close"),
    path("conversations/<ref:ref>/reopening/", deeds.reopen, name="reopen"),
    path("conversations/<ref:ref>/approvals/<int:pk>/", approvals.approve, name="approve"),
    path("conversations/<ref:ref>/approvals/<int:pk>/refusal/", approvals.refuse, name="refuse"),
    path("conversations/<ref:ref>/presence/", deeds.presence, name="presence"),
    path("messages/<int:pk>/why/", why.why, name="why"),
    path("messages/<int:pk>/body/", files.mail_body, name="mail_body"),
    path("attachments/<uuid:public_id>/", files.attachment, name="attachment"),
    path("messages/<int:pk>/sending/", trouble.send_again, name="send_again"),
    path("procedures/", procedures.procedures, name="procedures"),
    path("procedures/<slug:slug>/", procedures.procedures, name="procedures_of"),
    path("procedures/<slug:slug>/check/<path:file>", procedures.check, name="procedure_check"),
    path("procedures/<slug:slug>/draft/<path:file>", procedures.draft, name="procedure_draft"),
    path("procedures/<slug:slug>/back/<path:file>", procedures.roll_back, name="procedure_back"),
    path("procedures/<slug:slug>/of/<path:file>", procedures.procedure, name="procedure"),
    path("procedures/<slug:slug>/limits/<path:file>", procedures.limits, name="procedure_limits"),
    path("procedures/<slug:slug>/trial/<path:file>", procedures.trial, name="procedure_trial"),
    path("procedures/<slug:slug>/row/<path:file>", tables.row, name="table_row"),
    path("procedures/<slug:slug>/row-check/<path:file>", tables.row_check, name="table_row_check"),
    path("procedures/<slug:slug>/row-deed/<path:file>", tables.row_deed, name="table_row_deed"),
    path("procedures/<slug:slug>/words/", words.words, name="words"),
    path("procedures/<slug:slug>/words/<str:language>/<str:key>/", words.wording, name="wording"),
    path("channels/", trouble.channels, name="channels"),
    path("channels/aside/<str:kind>/<int:pk>/", trouble.read_again, name="read_again"),
]
