"""Files that people have built or spoiled by hand, and the choices that go with them."""

import io

import pytest
from openpyxl import Workbook

from crm.models import Lead


def test_names_of_columns_below_names_of_groups_are_found_and_the_line_above_is_told(bring_in):
    book, packed = Workbook(), io.BytesIO()
    for cells in (
        ["Person", None, "Reach", "Facts"],
        ["First", "Last", "Mobile", "Created"],
        ["Eva", "Stone", 3125550160, 46085],
    ):
        book.active.append(cells)
    book.active.merge_cells("A1:B1")
    book.save(packed)

    done = bring_in(packed.getvalue(), "leads.xlsx")
    lead = Lead.objects.get()
    assert (done.created_count, done.header_line, done.notices) == (
        1,
        2,
        ["Above the table, and not read: “Person Reach Facts”."],
    )
    assert (lead.last_name, lead.phone_e164, str(lead.captured_at.date())) == ("Stone", "+13125550160", "2026-03-04")


def test_a_workbook_by_another_name_is_recognised(bring_in):
    book, packed = Workbook(), io.BytesIO()
    book.active.append(["First name", "Phone"])
    book.active.append(["Ana", "+1 312 555 0131"])
    book.save(packed)

    assert bring_in(packed.getvalue(), "leads.csv").created_count == 1
    assert bring_in(b"First name,Phone\nBen,+1 312 555 0132\n", "leads.xlsx").created_count == 1


OPEN_MARK = b"""First Name,Last Name,Phone
"Ana,Ruiz,2125550131
Ben,Sol,2125550132
"Cy",Li,2125550133
Dora,Lima,2125550134
"""
LONG = b"First Name,Phone,utm_campaign,Tags\nAna,2125550131," + b"c" * 130 + b"," + b"t" * 70


def test_people_whom_a_quotation_mark_drew_together_are_a_problem_with_a_reason(bring_in):
    done = bring_in(OPEN_MARK)

    words = "A quotation mark that is not closed has drawn rows 2 to 4 into one."
    assert (done.created_count, done.failed_count, done.notices) == (1, 1, [words])
    row = done.rows.of_import().get(outcome="FAILED")
    assert row.reason == words
    assert "Ben,Sol" in row.cells[0]


def test_what_is_longer_than_its_field_is_whole_in_the_notes(bring_in):
    bring_in(LONG)

    lead = Lead.objects.get()
    assert "c" * 130 in lead.notes
    assert "t" * 70 in lead.notes


@pytest.mark.parametrize(
    ("chosen", "amounts", "cents", "notices"),
    [
        ("GUESS", ["12,5", "1,500"], [12_50, 1_50], []),
        ("GUESS", ["1.234,50", "2.000"], [123_450, 2_000_00], []),
        ("GUESS", ["99.90", "1,500"], [99_90, 1_500_00], []),
        ("GUESS", ["700", "1,500"], [700_00, 1_500_00], ["“1,500” is read as 1500.00."]),
        ("COMMA", ["700", "1,500"], [700_00, 1_50], []),
        ("POINT", ["700", "1.500"], [700_00, 1_50], []),
    ],
)
def test_amounts_are_read_as_their_column_writes_them_or_as_was_chosen(bring_in, chosen, amounts, cents, notices):
    rows = "".join(f"Ana{n};212555013{n};{amount}\n" for n, amount in enumerate(amounts))
    done = bring_in(f"First Name;Phone;Deal Value\n{rows}".encode(), decimal_mark=chosen)

    worth = Lead.objects.order_by("first_name").values_list("expected_value_cents", flat=True)
    assert (list(worth), done.summary["notices"]) == (cents, notices)


def test_each_field_of_people_who_are_here_follows_its_own_choice(bring_in):
    file = b"Record ID,First Name,Phone,City,State,Notes\n1,Ana,2125550131,%s,%s,%s\n"
    bring_in(file % (b"Austin", b"", b"First"))
    done = bring_in(
        file % (b"Girona", b"CT", b"Second"),
        repeats="UPDATE",
        fields={"city": "FILE", "state": "OURS", "notes": "FILE"},
    )

    lead = Lead.objects.get()
    assert (done.updated_count, lead.city, lead.state, lead.notes) == (1, "Girona", "", "Second")
