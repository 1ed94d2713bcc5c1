"""How acts on tasks and in the queue are answered: what shows them hears that they changed and draws itself anew."""

from functools import wraps

from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme

from clinics.errors import RuleBroken
from clinics.pages import close_dialog, part, toast
from crm.models import LeadTask


def on_task(view):
    """Hand the task of the address to a view, 404 if there is none here; a broken rule becomes a toast, status 409."""

    @wraps(view)
    def on_that_task(request, pk, **kwargs):
        task = get_object_or_404(LeadTask.objects.of_present_leads().for_list(), pk=pk)
        try:
            return view(request, task, **kwargs)
        except RuleBroken as broken:
            return refused(request, broken)

    return on_that_task


def acted(request, *events):
    """To htmx: the dialog closes and the page learns what changed; without it: back to where one came from."""
    if request.htmx:
        return close_dialog(request, "tasks-changed", *events)
    return redirect(back_of(request))


def refused(request, words, *, status=409):
    """Say why not; nothing on the page changes."""
    toast(request, words, level="error")
    if not request.htmx:
        return redirect(back_of(request))
    return part(request, "parts/_bulk_done.html", {}, status=status)


def back_of(request):
    """The page of ours from which a form says that it was sent, else the list of tasks."""
    back = request.POST.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else "crm:task_list"
