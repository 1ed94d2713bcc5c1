"""How content somebody is: a page without a login, by the link in the question. Looking at it changes nothing."""

from functools import wraps

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.errors import RuleBroken
from clinics.models import Location
from clinics.models.clinic import LANGUAGES
from clinics.public_doors import public_door
from clinics.requests import address_of
from clinics.throttling import is_too_often
from crm.public_forms import open_door
from inbox.forms.satisfaction import SatisfactionForm
from inbox.satisfaction import answer_question, question_of_token

MOST, SECONDS = 20, 600  # answers to one question from one place


def open_to_whom_we_asked(view):
    """Open the question of the link, in the language of its reader."""

    @public_door
    @wraps(view)
    def opened(request, token):
        with open_door(token, question_of_token) as question:
            chosen = request.POST.get("lang") or request.GET.get("lang")
            asked = chosen if chosen in dict(LANGUAGES) else translation.get_language_from_request(request)
            with translation.override(asked):
                return view(request, question)

    return opened


@open_to_whom_we_asked
@require_http_methods(["GET", "HEAD", "POST"])
def public_satisfaction(request, question):
    """Look at the question, answer it, and for a week answer it otherwise."""
    if request.method != "POST":
        said = {"stars": question.stars, "comment": question.comment}
        return show(request, question, SatisfactionForm(initial=said))
    form = SatisfactionForm(request.POST)
    if is_too_often(f"satisfaction:{question.pk}:{address_of(request)}", most=MOST, seconds=SECONDS):
        form.add_error(None, _("That was a lot in a short time. Wait a minute, then send it again."))
        return show(request, question, form, status=429)
    if not form.is_valid():
        return show(request, question, form, status=422)
    try:
        answer_question(question, form.cleaned_data["stars"], form.cleaned_data["comment"])
    except RuleBroken as broken:
        form.add_error(None, str(broken))
        return show(request, question, form, status=409)
    return HttpResponseRedirect(f"{request.path}?lang={translation.get_language()}&saved=1", status=303)


def show(request, question, form, *, status=200):
    language, conversation = translation.get_language(), question.conversation
    context = {
        "clinic": question.clinic,
        "place": conversation.location or Location.objects.in_use().first(),
        "other_language": next(each for each in LANGUAGES if each[0] != language[:2]),
        "question": question,
        "form": form,
        "chosen": str(form["stars"].value() or ""),
        "is_saved": bool(request.GET.get("saved")) and question.stars is not None,
    }
    return render(request, "inbox/public_satisfaction.html", context, status=status)
