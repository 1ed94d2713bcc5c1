"""Taking stored files away, once it is certain that no row names them any more."""

from django.core.files.storage import default_storage
from django.db import transaction


def remove_files(*stored_as):
    """Take files away by the names that they are stored under, after the commit; empty names are passed over.

    If the transaction is taken back, rows and files both stay.
    """
    names = [name for name in stored_as if name]
    transaction.on_commit(lambda: [default_storage.delete(name) for name in names])
