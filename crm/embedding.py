"""The lines to put on a clinic's own site, so that its visitors can fill in a form there."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from clinics.mail import absolute
from crm.forms.asking import AskForm, said


@dataclass(frozen=True)
class Snippet:
    name: str
    title: str
    hint: str
    text: str


def snippets(lead_form):
    """Three ways to a form, each as text to be copied: its address, a frame, and plain HTML without any script."""
    address = absolute(lead_form.public_path)
    context = {
        "address": address,
        "script": absolute(static("js/embed-form.js")),
        "title": said(lead_form, "title"),
        "button": said(lead_form, "button"),
        "form": AskForm(lead_form=lead_form),
    }
    return [
        Snippet("link", _("Link"), _("For a button, an advertisement, a QR code or an e-mail."), address),
        Snippet(
            "frame",
            _("Inside your site"),
            _("Takes the height that it needs. List the site above first, or browsers refuse to show it."),
            render_to_string("crm/public/_frame_snippet.html", context).strip(),
        ),
        Snippet(
            "plain",
            _("Plain HTML"),
            _("In your own design, without a script. List the site above first, or visitors have to press twice."),
            render_to_string("crm/public/_plain_snippet.html", context).strip(),
        ),
    ]
