"""A file of a message of ours, handed to the carrier who brings it: one file by one signed address."""

from django.views.decorators.http import require_http_methods

from clinics.documents.reading import download
from clinics.public_doors import public_door
from inbox.lending import open_lent


@public_door
@require_http_methods(["GET", "HEAD"])
def public_file(request, token):
    """Hand out one file as a download, with its type and without any rights in a browser."""
    with open_lent(token) as (attachment, file):
        return download(attachment, file)
