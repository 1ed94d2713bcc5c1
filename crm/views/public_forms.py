"""The forms that everybody may see who has their address: in a page of ours, or inside of another site."""

from contextlib import contextmanager
from functools import wraps

from csp.constants import SELF
from csp.decorators import csp_replace
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from psycopg_pool import PoolTimeout

from clinics.models import Location
from clinics.models.clinic import LANGUAGES
from clinics.public_doors import public_door
from clinics.requests import address_of
from crm.form_words import PROMISE_ICONS
from crm.forms.asking import TRAP, AskForm, said
from crm.inquiries import TOUCH_FIELDS
from crm.lead_forms import readable_origin
from crm.public_forms import STAMP, is_flood, is_welcome, new_stamp, open_form, read_stamp, receive_form

AWAY = (OperationalError, InterfaceError, PoolTimeout)


def open_to_visitors(view):
    """Open the form of the address, in the language of its reader; without a database, say so and lose nothing."""

    @public_door
    @wraps(view)
    def opened(request, token):
        try:
            with open_form(token) as form, spoken(language_of(request, form.language)):
                response = view(request, form)
        except AWAY:
            with spoken(language_of(request)):
                return unreachable(request)
        return framed(request, response, form)

    return opened


@contextmanager
def spoken(language):
    with translation.override(language):
        yield


def language_of(request, only=""):
    """The language of a form; if it speaks both, the one that was chosen, or that the browser asks for."""
    chosen = request.POST.get("lang") or request.GET.get("lang")
    known = dict(LANGUAGES)
    return only or (chosen if chosen in known else translation.get_language_from_request(request))


@open_to_visitors
@require_http_methods(["GET", "HEAD", "POST"])
def public_form(request, form):
    """The form; what is sent is kept before anything else becomes of it, and answered alike whoever asks."""
    if form.is_booking:
        return HttpResponseRedirect(form.public_path)
    if request.method != "POST":
        return show(request, form, AskForm(initial=request.GET.dict(), lead_form=form))
    filled, is_trapped = AskForm(request.POST, lead_form=form), bool(request.POST.get(TRAP))
    if is_flood(form, address_of(request)):
        note = _("That was a lot in a short time. Wait a minute, then send it again.")
        return show(request, form, filled, note=note, status=429)
    if not is_trapped and not filled.is_valid():
        return show(request, form, filled, status=422)
    if not is_trapped and not is_welcome(form, request.POST, request.headers.get("Origin")):
        note = _("Look through it once more, then press the button again.")
        return show(request, form, filled, note=note, status=422)
    receive_form(form, request.POST, referrer=came_from(request))
    return on_to_thanks(request, form)


@open_to_visitors
@require_http_methods(["GET", "HEAD"])
def public_form_thanks(request, form):
    next_url = form.public_path if form.is_walk_in else ""
    return render(request, "crm/public_form_thanks.html", about(request, form) | {"next_url": next_url})


def show(request, form, filled, *, note="", status=200):
    """The form with all that was typed, a stamp, and what brought the visitor here."""
    word, _age = read_stamp(form, request.POST.get(STAMP, ""))
    context = page_of(request, form, filled) | {
        "note": note,
        "problem_title": problem_title(filled),
        "stamp": request.POST[STAMP] if word else new_stamp(form),
        "touch": touch_of(request),
    }
    return render(request, "crm/public_form.html", context, status=status)


def page_of(request, form, filled):
    """What the page of a form shows, whether somebody fills it in or looks at it in the builder."""
    promises = zip(PROMISE_ICONS * 3, said(form, "promises").splitlines(), strict=False)
    return about(request, form) | {"form": filled, "promises": list(promises)}


def about(request, form):
    """What every page of a form says: whose it is, where they are, in which language and frame."""
    language = translation.get_language()
    place = form.location or Location.objects.in_use().first()
    return {
        "lead_form": form,
        "clinic": form.clinic,
        "place": place,
        "words": {name: said(form, name) for name in ("title", "intro", "button", "thanks_title", "thanks_text")},
        "is_embedded": is_embedded(request),
        "other_language": None if form.language else next(each for each in LANGUAGES if each[0] != language[:2]),
    }


def problem_title(filled):
    if not filled.is_bound or not filled.errors:
        return ""
    count = len(filled.problems)
    if filled.non_field_errors():
        return _("This cannot be sent as it is")
    return ngettext("One thing is missing", "%(count)s things are missing", count) % {"count": count}


def is_embedded(request):
    return bool(request.GET.get("embed") or request.POST.get("embed"))


def touch_of(request):
    """What is known of the way here: it goes along with the form, so that it is kept with the inquiry."""
    if request.method == "POST":
        return {name: request.POST[name] for name in TOUCH_FIELDS if request.POST.get(name)}
    touch = {name: request.GET[name] for name in TOUCH_FIELDS if request.GET.get(name)}
    touch.setdefault("landing_page", settings.BASE_URL.rstrip("/") + request.get_full_path())
    touch.setdefault("referrer", came_from(request))
    return {name: value[:500] for name, value in touch.items() if value}


def came_from(request):
    """The page of another site from which somebody came here, or ""."""
    page = request.headers.get("Referer", "")
    return "" if page.partition("//")[2].partition("/")[0] == request.get_host() else page


def on_to_thanks(request, form):
    """To the page that the form names, or to ours; inside of another site always to ours."""
    if form.redirect_url and not is_embedded(request) and not form.is_walk_in:
        return HttpResponseRedirect(form.redirect_url, status=303)
    frame = "&embed=1" if is_embedded(request) else ""
    address = reverse("crm:public_form_thanks", args=[form.token])
    return HttpResponseRedirect(f"{address}?lang={translation.get_language()}{frame}", status=303)


def framed(request, response, form):
    """Say who may show the page in a frame, and where its form may lead: nobody and nowhere but what the form lists."""
    policy = {"form-action": [SELF, readable_origin(form.redirect_url)]} if form.redirect_url else {}
    if is_embedded(request) and form.allowed_origins and not form.is_walk_in:
        policy["frame-ancestors"] = form.allowed_origins
        response.xframe_options_exempt = True
    return csp_replace(policy)(lambda: response)()


def unreachable(request):
    """503 with everything that was typed, ready to be sent again; asks no database for anything."""
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    response = render(request, "crm/public_form_unreachable.html", {"typed": typed}, status=503)
    response["Retry-After"] = "5"
    return response
