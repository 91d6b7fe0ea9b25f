"""Forms of the knowledge base's admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextareaWidget

from tenants.errors import InvalidInput

from .documents import Refused, kind_of, read_limited
from .models import KnowledgeDocument

ACCEPTED = ".pdf,.docx,.md,.markdown,.txt,.html,.htm"


class NewDocumentForm(forms.ModelForm):
    """A file or a text. What can be seen at once to be of no use is said beside the field."""

    file = forms.FileField(
        required=False,
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, Word (.docx), Markdown, HTML or plain text."),
        widget=UnfoldAdminFileFieldWidget({"accept": ACCEPTED}),
    )
    text = forms.CharField(
        required=False,
        label=gettext_lazy("Or a text"),
        help_text=gettext_lazy("Paste it here; headings in Markdown are understood."),
        widget=UnfoldAdminTextareaWidget({"rows": 10}),
    )

    class Meta:
        model = KnowledgeDocument
        fields = ("title", "source", "language", "buyers_may_know")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = self.fields["source"].required = False
        self.fields["language"].help_text = _("Empty: the text tells.")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        file, text = values.get("file"), values.get("text", "")
        if "file" in self.errors:
            return values  # what is wrong with it was said
        if bool(file) == bool(text.strip()):
            self.add_error("file", _("Choose a file or paste a text, one of the two."))
        elif text.strip() and not values.get("title", "").strip():
            self.add_error("title", _("Give the text a title."))
        elif file:
            try:
                kind_of(read_limited(file), file.name)
            except Refused as refused:
                self.add_error("file", str(refused.message))
            file.seek(0)
        return values

    def _post_clean(self) -> None:
        """The row is made by `library.add`; which source is replaced is asked there."""

    def values(self) -> dict[str, Any]:
        """What `library.add` and `library.add_text` are given."""
        names = ("title", "source", "language", "buyers_may_know")
        return {name: self.cleaned_data.get(name) or "" for name in names[:3]} | {
            "buyers_may_know": bool(self.cleaned_data.get("buyers_may_know"))
        }


class ChangeDocumentForm(forms.ModelForm):
    """`file`: a new upload of the same document."""

    file = forms.FileField(
        required=False,
        label=gettext_lazy("Replace it by"),
        help_text=gettext_lazy("The old one answers until the new one has been read."),
        widget=UnfoldAdminFileFieldWidget({"accept": ACCEPTED}),
    )

    class Meta:
        model = KnowledgeDocument
        fields = ("title", "buyers_may_know")

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file:
            try:
                kind_of(read_limited(file), file.name)
            except InvalidInput as refused:
                raise forms.ValidationError(str(refused.message)) from None
            file.seek(0)
        return file
