from django.http import JsonResponse
from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.audit import record
from clinics.csv_export import csv_stream
from clinics.pages import page
from inbox.exporting import HEADER, as_facts, everything_said, lines_of
from inbox.views.showing import on_conversation


@require_GET
@staff_page("inbox:reply")
@on_conversation
def conversation_csv(request, conversation):
    """Everything that was said as a CSV file; who took it is on record."""
    record("inbox.conversation.exported", conversation, by=request.member, metadata={"as": "csv"})
    return csv_stream(f"conversation-{conversation.pk}.csv", [str(name) for name in HEADER], lines_of(conversation))


@require_GET
@staff_page("inbox:reply")
@on_conversation
def conversation_json(request, conversation):
    """Everything that was said as a JSON file, for other programs; who took it is on record."""
    record("inbox.conversation.exported", conversation, by=request.member, metadata={"as": "json"})
    response = JsonResponse(as_facts(conversation), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="conversation-{conversation.pk}.json"'
    return response


@require_GET
@staff_page("inbox:reply")
@on_conversation
def conversation_print(request, conversation):
    """Everything that was said on one page, to be printed; who took it is on record."""
    record("inbox.conversation.exported", conversation, by=request.member, metadata={"as": "print"})
    said = everything_said(conversation)
    return page(request, "inbox/conversation_print.html", {"conversation": conversation, "said": said})
