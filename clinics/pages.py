"""The only htmx plumbing: a page, a part of it, a page of a list, and the toast with its undo."""

import json

from django.contrib import messages
from django.core.paginator import EmptyPage, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property

PAGE_SIZE = 50


def page(request, template, context=None, *, part=None, status=200):
    """Answer with the whole page, or to an htmx request that targets it with only the partial named `part`."""
    if part and request.htmx and not request.htmx.boosted and not request.htmx.history_restore_request:
        template = f"{template}#{part}"
    response = render(request, template, context or {}, status=status)
    patch_vary_headers(response, ["HX-Request"])  # one address, two answers: no cache may mix them up
    return _with_toasts(request, response)


def part(request, template, context=None, *, otherwise=None, status=200):
    """Answer an action: htmx gets the part alone; without JavaScript, a redirect to `otherwise` (a URL or view name).

    An invalid form (status 422 or 409) is shown as the part in a page of its own when there is no htmx.
    """
    if not request.htmx and otherwise is not None:
        return redirect(otherwise)
    return _with_toasts(request, render(request, template, context or {}, status=status))


def toast(request, message, *, undo=None, level="info", link=None):
    """Report an act in a toast; `undo` is (view name, *args) of the POST that takes it back.

    `link` is (words, URL) of what came of it, for pages that stay where they are.
    """
    note = {"message": str(message), "level": level}
    if link:
        note["link"] = {"label": str(link[0]), "url": link[1]}
    if undo:
        note["undo"] = reverse(undo[0], args=undo[1:])
    if request.htmx:
        request.toasts = [*getattr(request, "toasts", []), note]
    else:
        _keep_for_next_page(request, note)


def trigger(response, *events):
    """Name events that the browser dispatches when it has received the answer."""
    sent = json.loads(response.get("HX-Trigger", "{}"))
    response["HX-Trigger"] = json.dumps(sent | dict.fromkeys(events, True))
    return response


def go_to(request, url):
    """Send the browser to another page, from htmx or from a plain form."""
    if not request.htmx:
        return redirect(url)
    for note in getattr(request, "toasts", []):
        _keep_for_next_page(request, note)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = url
    return response


def close_dialog(request, *events):
    """Answer the form of a dialog: it closes, the page behind it stays, and `events` tell that page what happened."""
    return _with_toasts(request, trigger(HttpResponse(status=204), "dialog:close", *events))


def _keep_for_next_page(request, note):
    level = messages.ERROR if note["level"] == "error" else messages.INFO
    messages.add_message(request, level, note["message"], extra_tags=note.get("undo", ""))


def _with_toasts(request, response):
    notes = getattr(request, "toasts", None)
    if notes:
        sent = json.loads(response.get("HX-Trigger", "{}"))
        response["HX-Trigger"] = json.dumps(sent | {"toast": notes})
    return response


class CountOnce(Paginator):
    """Counts without the columns and joins that only the rows need."""

    @cached_property
    def count(self):
        if not isinstance(self.object_list, QuerySet):
            return self.object_list.count()
        return self.object_list.order_by().values("pk").count()

    @property
    def is_cut(self):
        """Whether there may be more than were counted."""
        return self.count == getattr(self.object_list, "most", None)


def paginate(request, rows, *, size=PAGE_SIZE):
    """Cut one page by ?page= out of a queryset, or of what can be counted and sliced like one.

    A number past the end gives the last page.
    """
    paginator = CountOnce(rows, size)
    try:
        number = max(1, int(request.GET.get("page", 1)))
    except ValueError:
        number = 1
    try:
        return paginator.page(number)
    except EmptyPage:
        return paginator.page(paginator.num_pages)
