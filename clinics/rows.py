"""The row that an address or a form names, or none."""

from uuid import UUID


def row_of(rows, pk):
    """The one of some rows whose id is named, as text or UUID; None where nobody is, or nonsense, or another's."""
    try:
        return rows.filter(pk=pk if isinstance(pk, UUID) else UUID(str(pk))).first() if pk else None
    except ValueError:
        return None
