"""Files as other systems write them: nobody is lost in silence, and nothing that a column held."""

import datetime as dt

import pytest

from clinics.tables.errors import NotATable
from crm.importing.undoing import start_undo
from crm.models import Lead
from crm.tests.factories import LeadFactory

# name of the file -> bytes, (created, left out, failed), {external id, e-mail or first name: (name, phone, e-mail)}
FILES = {
    "hubspot.csv": (
        b"Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Create Date,Associated Company\n"
        b'101,Ana,Ruiz,ana@x.com,(312) 555-0131,lead,2026-03-04 10:22,"Ruiz, Inc."\n',
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "gohighlevel.csv": (
        b"Contact Id,First Name,Last Name,Business Name,Phone,Email,Created,Last Activity,Tags\n"
        b'a1b2,Ana,Ruiz,,+13125550131,ana@x.com,"Mar 4 2026 10:22 AM",,"hot,botox"\n',
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "salesforce.csv": (
        b'"Lead ID","First Name","Last Name","Email","Phone","Lead Source","Lead Status"\r\n'
        b'"00Q1","Ana","Ruiz","ana@x.com","(312) 555-0131","Web","Open - Not Contacted"\r\n'
        b'"Grand Totals (1 records)","","","","","",""\r\n"Confidential Information - Do Not Distribute"\r\n',
        (1, 2, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "zoho.csv": (
        b"Record Id,Lead Owner,Lead Name,Email,Mobile,Lead Source,Lead Status,Rating\n"
        b"zcrm_1,Someone,Ana Ruiz,ana@x.com,312-555-0131,Facebook,Contacted,Hot\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "pipedrive.csv": (
        b"Person - ID;Person - Name;Person - Email - Work;Person - Phone - Mobile;Deal - Value;Deal - Stage\n"
        b"7;Ana Ruiz;ana@x.com;+1 312-555-0131;4500;Contact Made\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "", "")},
    ),
    "keap.csv": (
        b"Id,First Name,Last Name,Email,Phone 1,Phone 2,Lead Source,Tag Ids\n"
        b'5,Ana,Ruiz,ana@x.com,(312) 555-0131,(312) 555-0132,Referral,"91,93"\n',
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "activecampaign.csv": (
        b'"Email","First Name","Last Name","Phone","Tags","Date Created"\n'
        b'"ana@x.com","Ana","Ruiz","3125550131","newsletter, lead","03/14/2026 09:00"\n',
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "zenoti.csv": (
        b"Zenoti Guest Report,,,,\nCenter: Downtown,,,,\n,,,,\nGuest Code,First Name,Last Name,Mobile,Email\n"
        b"G1,Ana,Ruiz,312 555 0131,ana@x.com\nGuest Code,First Name,Last Name,Mobile,Email\n"
        b"G2,Ben,Moss,312 555 0132,ben@x.com\nTotal,2,,,\n",
        (2, 2, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com"), "Ben": ("Moss", "+13125550132", "ben@x.com")},
    ),
    "mindbody.csv": (
        "\ufeffID,Client,Email,Mobile Phone,Home Phone,Referred By\n"
        '100000012,"Ruiz, Ana",ana@x.com,(312) 555-0131,,Google\n'.encode(),
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "orthotrac.txt": (
        b"Patient ID|Last Name|First Name|Home Phone|Email|Notes\n881|Ruiz|Ana|3125550131|ana@x.com|Crowding, upper\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "facebook.csv": (
        "id\tcreated_time\tad_name\tplatform\tfull_name\temail\tphone_number\n"
        "l:7788\t2026-03-04T10:22:33-06:00\tag:Spring\tfb\tAna Ruiz\tana@x.com\tp:+13125550131\n".encode("utf-16"),
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "google-contacts.csv": (
        b"Name,Given Name,Family Name,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,"
        b"Phone 1 - Value\n"
        b'Ana Ruiz,Ana,Ruiz,"Met at fair\nwants braces",* myContacts,* Work,ana@x.com,Mobile,'
        b"+1 312-555-0131 ::: +1 312-555-0132\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "outlook.csv": (
        b"Title,First Name,Middle Name,Last Name,E-mail Address,Mobile Phone,Business Phone,Notes\n"
        b",Ana,,Ruiz,ana@x.com,(312) 555-0131,,\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "spanish.csv": (
        "Nombre;Apellidos;Correo electrónico;Teléfono móvil;Presupuesto;Fecha de alta\n"
        "Ana;Ruíz;ana@x.com;+34 612 34 56 78;1.250,50 €;14/03/2026\n".encode("cp1252"),
        (1, 0, 0),
        {"Ana": ("Ruíz", "+34612345678", "ana@x.com")},
    ),
    "german.csv": (
        "Vorname;Nachname;E-Mail-Adresse;Telefonnummer;Bemerkung\n"
        "Jörg;Müller;joerg@x.de;+49 30 901820;Rückruf\nSumme;1;;;\n".encode("latin-1"),
        (1, 1, 0),
        {"Jörg": ("Müller", "+4930901820", "joerg@x.de")},
    ),
    "one-cell.csv": (
        b"Contact,Comment\nAna Ruiz <ana@x.com> +1 312 555 0131,called\nBen Moss <ben@x.com>,\n"
        b'"Cho, Mia <mia@x.com>",\n',
        (3, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com"), "Mia": ("Cho", "", "mia@x.com")},
    ),
    "dentrix.csv": (
        b"Patient List,,,,,\nAs of 03/14/2026,,,,,\n\nPatient,Pat ID,Status,Birthdate,Home Phone,E-Mail\n"
        b'"RUIZ, ANA",1001,Active,02/13/1958,(312)555-0131,ana@x.com\nTotal Patients: 1,,,,,\nPage 1 of 1,,,,,\n',
        (1, 2, 0),
        {"ANA": ("RUIZ", "+13125550131", "ana@x.com")},
    ),
    "dentrix-short.csv": (
        b"Patient Name,Chart #,Birthdate,Work #,Cell #,Referred By,Status,Prim. Ins.,Sub ID\n"
        b'"Smith, John A.",SM0001,18264,312.555.0151 x22,3125550152,"Dr. Lee, DDS",Junk Lead,Delta,12345\n',
        (1, 0, 0),
        {"John A.": ("Smith", "+13125550152", "")},
    ),
    "pipedrive-deals.csv": (
        b"Deal - Title;Deal - Value;Deal - Status;Deal - Contact person;Deal - Close date;Deal - Deal created\n"
        b"Braces;4.500,50;Open;Ana Ruiz;2026-01-01;2025-12-24 10:22:33\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "", "")},
    ),
    "dolphin.csv": (
        b"Patient Export Report,,,,,,,,,\nPrinted: 3/14/2026,,,,,,,,,\n\nPatient,,,,Responsible Party,,,,Account,\n"
        b"First Name,Last Name,Birthdate,Phone,First Name,Last Name,Phone,Email,Status,Balance\n"
        b"Kim,Ruiz,02/13/2015,,Ana,Ruiz,1.3125550131E+10,ana@x.com,Observation,0.00\nFull Report,,,,,,,,,\n",
        (1, 1, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "calendly.csv": (
        b"User Name,Invitee First Name,Invitee Last Name,Invitee Email,Text Reminder Number,Start Date & Time\n"
        b"Dr Ito,Ana,Ruiz,ana@x.com,+1 312-555-0131,2026-01-20 10:00 am\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "guardians.csv": (
        b"Patient First,Patient Last,Guardian Name,Guardian Phone,Guardian Email,DOB,Insurance,Subscriber ID\n"
        b"Kim,Moss,Ana Ruiz,3125550131,ana@x.com,02/13/2015,Acme Dental,XJ-44\n",
        (1, 0, 0),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com")},
    ),
    "cells-with-more.csv": (
        b'Name,Phone,Email,Tags\nAna Ruiz,call after 5pm 312-555-0131,Ana <ana@x.com>,"[""hot"",""new""]"\n'
        b"Ben Moss,H: 312-555-0136 C: 312-555-0137,,\nAverage,,,\n2 rows selected,,,\n",
        (2, 1, 1),
        {"Ana": ("Ruiz", "+13125550131", "ana@x.com"), "Ben": ("Moss", "+13125550137", "")},
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_system_comes_in(bring_in, name):
    content, (created, left_out, failed), people = FILES[name]

    done = bring_in(content, name)
    assert (done.created_count, done.skipped_count, done.failed_count) == (created, left_out, failed)
    for first_name, (last_name, phone, email) in people.items():
        lead = Lead.objects.get(first_name=first_name)
        assert lead.last_name == last_name
        assert _told(lead, done, phone)
        assert _told(lead, done, email)


def _told(lead, lead_import, text):
    """A phone or an e-mail stands in its field, whatever else a file has for it."""
    return not text or text in (lead.phone_e164, lead.phone_alt_e164, lead.email)


@pytest.mark.parametrize("name", FILES)
def test_every_cell_of_a_file_is_found_again_beside_its_lead(bring_in, name):
    done = bring_in(FILES[name][0], name)

    for target, column in zip(done.mapping, done.columns, strict=True):
        if target == "" and column["samples"]:
            kept = [text for lead in Lead.objects.all() for text in lead.extra.values()]
            assert set(column["samples"]) & set(kept) or done.skipped_count


def test_what_is_known_of_a_patient_finds_its_field_and_no_other_day_is_the_arrival(bring_in, upload):
    bring_in(FILES["guardians.csv"][0])
    bring_in(FILES["calendly.csv"][0])

    kim = Lead.objects.get(patient_first_name="Kim")
    assert (str(kim.patient_dob), kim.insurance_carrier, kim.insurance_member_id) == (
        "2015-02-13",
        "Acme Dental",
        "XJ-44",
    )
    assert kim.captured_at.year > 2015
    assert all(lead.captured_at.date() != dt.date(2026, 1, 20) for lead in Lead.objects.all())
    with pytest.raises(NotATable):
        upload(b"<html><table><tr><td>Name</td></tr><tr><td>Ana</td></tr></table></html>", "leads.xls")


def test_short_headings_and_a_birth_date_as_excel_counts_it_find_their_fields(bring_in):
    bring_in(FILES["dentrix-short.csv"][0])

    lead = Lead.objects.get()
    assert (lead.external_id, str(lead.patient_dob), lead.status) == ("SM0001", "1950-01-01", "LOST")
    assert (lead.insurance_carrier, lead.insurance_member_id) == ("Delta", "12345")
    assert lead.source_detail == "Dr. Lee, DDS"


def test_what_was_beside_a_number_or_an_address_is_in_the_notes(bring_in):
    bring_in(FILES["cells-with-more.csv"][0])

    ana = Lead.objects.get(first_name="Ana")
    assert ana.notes == "Phone: call after 5pm 312-555-0131\nE-mail: Ana <ana@x.com>"
    assert sorted(ana.tag_links.values_list("tag__name", flat=True)) == ["hot", "new"]


def test_a_birth_date_that_a_file_brings_is_sealed_and_taken_back(bring_in, work_off, coordinator, clinic):
    known = LeadFactory(first_name="Ana", last_name="Ruiz", phone="+13125550131")
    done = bring_in(FILES["guardians.csv"][0], repeats="UPDATE")

    known.refresh_from_db()
    assert (str(known.patient_dob), known.insurance_member_id) == ("2015-02-13", "XJ-44")
    assert "2015" not in str(done.rows.get().changes) and "XJ-44" not in str(done.rows.get().changes)
    work_off(start_undo(done, by=coordinator))
    known.refresh_from_db()
    assert (known.patient_dob, known.insurance_member_id, known.patient_first_name) == (None, "", "")
