"""What somebody wants to be sent: a page without a login. Looking at it changes nothing, as mail scanners do."""

from functools import wraps

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from clinics.models import Location
from clinics.models.clinic import LANGUAGES
from clinics.public_doors import public_door
from clinics.requests import address_of
from inbox.preferences import (
    choices_of,
    choose,
    choose_nothing,
    choose_silence,
    evidence_of,
    open_preferences,
    unsubscribe,
)


def open_to_its_receiver(view):
    """Open the message of the link, in the language of its reader."""

    @public_door
    @wraps(view)
    def opened(request, token):
        with open_preferences(token) as message:
            chosen = request.POST.get("lang") or request.GET.get("lang")
            asked = chosen if chosen in dict(LANGUAGES) else translation.get_language_from_request(request)
            with translation.override(asked):
                return view(request, message, token)

    return opened


@open_to_its_receiver
@require_http_methods(["GET", "HEAD", "POST"])
def public_preferences(request, message, token):
    """Look at what one is sent, change it, or end all news at once."""
    if request.method == "POST":
        if request.POST.get("everything"):
            choose_silence(message, proof=proof_of(request))
        elif request.POST.get("nothing"):
            choose_nothing(message, proof=proof_of(request))
        else:
            choose(message, set(request.POST), proof=proof_of(request))
        return HttpResponseRedirect(f"{request.path}?lang={translation.get_language()}&saved=1", status=303)
    return render(request, "inbox/public_preferences.html", page_of(request, message, token))


@open_to_its_receiver
@require_http_methods(["GET", "HEAD", "POST"])
def public_unsubscribe(request, message, token):
    """One click in a mail program (RFC 8058): no cookie, no question, no other page."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("inbox:public_preferences", args=[token]))
    unsubscribe(message, proof=proof_of(request))
    return HttpResponse(content_type="text/plain")


def proof_of(request):
    """What shows later that somebody chose this: where from, and with which program."""
    return {"ip": address_of(request) or "", "browser": request.headers.get("User-Agent", "")[:200]}


def page_of(request, message, token):
    """What the page shows."""
    language, conversation = translation.get_language(), message.conversation
    choices = choices_of(message)
    return {
        "clinic": message.conversation.clinic,
        "place": conversation.location or Location.objects.in_use().first(),
        "other_language": next(each for each in LANGUAGES if each[0] != language[:2]),
        "choices": choices,
        "columns": (columns := choices[0][1]),
        "is_ambiguous": len({column.channel for column in columns}) < len(columns),
        "evidence": evidence_of(message),
        "is_saved": bool(request.GET.get("saved")),
        "token": token,
    }
