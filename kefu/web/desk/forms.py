"""What people at the desk may send in; the verbs check what it means."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from kefu.desk.rules import TEXT_LIMIT
from kefu.desk.services.closing import DISPOSITIONS
from kefu.web.desk import labels

FILES, FILES_BYTES = 5, 10 * 1024 * 1024


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """At most FILES files of together FILES_BYTES bytes; an empty list when none was chosen."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > FILES or sum(one.size or 0 for one in given) > FILES_BYTES:
            raise forms.ValidationError("too many or too large", code="too_large")
        return [super(FilesField, self).clean(one, initial) for one in given]


class ReplyForm(forms.Form):
    """`seen`: id of the newest message before the writer's eyes; `key`: made once a form, so a double click is one."""

    text = forms.CharField(max_length=TEXT_LIMIT, required=False, strip=False)
    uploads = FilesField(required=False)
    seen = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    key = forms.RegexField(r"^[A-Za-z0-9-]{8,64}$", required=False)
    #: the suggestion that the text began as
    suggestion = forms.RegexField(r"^[0-9a-f]{24}$", required=False)
    intent = forms.RegexField(r"^[a-z0-9_]{1,80}$", required=False)
    #: the edited draft is kept as a better wording
    better = forms.BooleanField(required=False)


class SuggestionForm(forms.Form):
    """What the button under a suggestion sends; `fingerprint` names the suggestion that was seen."""

    fingerprint = forms.RegexField(r"^[0-9a-f]{24}$")
    intent = forms.RegexField(r"^[a-z0-9_]{1,80}$", required=False)
    seen = forms.IntegerField(min_value=0, max_value=2**62, required=False)
    key = forms.RegexField(r"^[A-Za-z0-9-]{8,64}$", required=False)


class DeedForm(forms.Form):
    """`deed`: the fingerprint of the very deed on the button."""

    fingerprint = forms.RegexField(r"^[0-9a-f]{24}$")
    deed = forms.RegexField(r"^[0-9a-f]{32}$")
    intent = forms.RegexField(r"^[a-z0-9_]{1,80}$", required=False)


class NoteForm(forms.Form):
    text = forms.CharField(max_length=TEXT_LIMIT)


class ClosureForm(forms.Form):
    disposition = forms.ChoiceField(choices=[(key, key) for key in DISPOSITIONS])
    root_cause = forms.ChoiceField(choices=[(key, key) for key, _word in labels.root_causes()], required=False)


class AssigneeForm(forms.Form):
    to = forms.IntegerField(min_value=1, max_value=2**62)


class PresenceForm(forms.Form):
    state = forms.ChoiceField(choices=[(one, one) for one in ("here", "typing", "gone")])


class SearchForm(forms.Form):
    q = forms.CharField(max_length=120, required=False)
