"""Lists of the API: one page at a time, cut by the database, with the exact number of rows."""

from typing import Generic, TypeVar
from urllib.parse import urlencode

from ninja import Field, Schema

Row = TypeVar("Row")


class PageAsked(Schema):
    page: int = Field(1, ge=1, le=100_000, description="Which page, from 1.")
    limit: int = Field(50, ge=1, le=100, description="Rows on a page.")


class Listed(Schema, Generic[Row]):
    """One page of a list. A page past the end is empty."""

    items: list[Row]
    total: int = Field(description="Rows on all pages.", examples=[1])
    page: int = Field(examples=[1])
    limit: int = Field(examples=[50])
    pages: int = Field(examples=[1])


def cut(request, response, rows, asked, *, draw=list):
    """One page of what can be counted and sliced, as Listed; `draw` makes the items of the rows of that page alone.

    `response` says in Link (RFC 8288) where the pages before and after are.
    """
    total = rows.count()
    pages = max(1, -(-total // asked.limit))
    start = (asked.page - 1) * asked.limit
    items = draw(rows[start : start + asked.limit]) if start < total else []
    links = {"first": 1, "prev": asked.page - 1, "next": asked.page + 1, "last": pages}
    response["Link"] = ", ".join(
        f'<{_address(request, number)}>; rel="{name}"' for name, number in links.items() if 1 <= number <= pages
    )
    return {"items": items, "total": total, "page": asked.page, "limit": asked.limit, "pages": pages}


def _address(request, number):
    query = request.GET.copy()
    query["page"] = str(number)
    return request.build_absolute_uri(f"{request.path}?{urlencode(query, doseq=True)}")
