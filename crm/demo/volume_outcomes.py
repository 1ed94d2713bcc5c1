# ruff: noqa: E501, S608 - statements read better in long lines, and nothing a person typed enters them
"""What became of the leads of a measured clinic: consultations, second touches, patients and what they have paid."""

from crm.demo.drawing import DIGIT, HAS_VISIT, ROW_ID, VISIT_ID

OUTCOMES = [
    # A quarter have had a consultation, or have one next week.
    f"""INSERT INTO patients_appointment (id, clinic_id, created_at, updated_at, contact_name, contact_phone, contact_email, starts_at, ends_at,
        status, cancellation_reason, cancellation_note, notes, visitor_token, wants_mail, mail_language, mailed_version, no_show_risk_level,
        reactivated, reactivation_source, emr_system, may_overlap, version)
    SELECT {VISIT_ID}, l.clinic_id, l.captured_at, l.captured_at, l.first_name, l.phone, '',
        l.captured_at + interval '9 days', l.captured_at + interval '9 days 30 minutes',
        CASE WHEN l.captured_at + interval '9 days' > %(now)s THEN 'SCHEDULED' WHEN {DIGIT.format(place=7)} < '3' THEN 'NO_SHOW'
            WHEN {DIGIT.format(place=7)} = '3' THEN 'CANCELLED' ELSE 'COMPLETED' END,
        CASE WHEN l.captured_at + interval '9 days' <= %(now)s AND {DIGIT.format(place=7)} = '3' THEN 'PATIENT' ELSE '' END,
        '', '', '', false, '', 0, '', false, '', '', false, 1
    FROM crm_lead l WHERE {HAS_VISIT}""",
    # One of sixteen had seen another source's advertisement before.
    f"""INSERT INTO crm_touchpoint (id, clinic_id, created_at, updated_at, lead_id, source_id, utm_source, utm_medium, utm_campaign, utm_term,
        utm_content, gclid, fbclid, landing_page, referrer, occurred_at, is_repeat)
    SELECT {ROW_ID.format(moment="l.captured_at", purpose="first", number="l.id")}, l.clinic_id, l.captured_at, l.captured_at, l.id, s.id, '', '', '', '',
        '', '', '', '', '', l.captured_at - interval '1 day' * (1 + ('x' || substr(md5(l.id::text), 9, 1))::bit(4)::int), true
    FROM crm_lead l JOIN sources s ON s.place = ('x' || substr(md5(l.id::text), 10, 1))::bit(4)::int %% %(sources)s
    WHERE {DIGIT.format(place=8)} = '0'""",
    # Converted leads became patients, as many as there are, one each.
    f"""INSERT INTO crm_leadconversion (id, clinic_id, created_at, updated_at, lead_id, converted_at)
    SELECT {ROW_ID.format(moment="converted_at", purpose="became", number="id")}, clinic_id, converted_at, converted_at, id, converted_at
    FROM crm_lead WHERE status = 'CONVERTED' ORDER BY converted_at DESC LIMIT (SELECT count(*) FROM patients_patient)""",
    f"""INSERT INTO crm_convertedpatient (id, clinic_id, created_at, updated_at, conversion_id, patient_id, pays, was_created)
    SELECT {ROW_ID.format(moment="v.converted_at", purpose="person", number="v.id")}, v.clinic_id, v.converted_at, v.converted_at, v.id, p.id, true, true
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS nth FROM crm_leadconversion) v
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM patients_patient) p USING (nth)""",
    f"""INSERT INTO patients_payment (id, clinic_id, created_at, updated_at, patient_id, kind, amount_cents, method, paid_on, note)
    SELECT {ROW_ID.format(moment="v.converted_at", purpose="paid", number="(cp.id::text || nth)")}, cp.clinic_id, v.converted_at, v.converted_at, cp.patient_id,
        'PAYMENT', 30000 + 10000 * ('x' || substr(md5(cp.id::text), 1, 2))::bit(8)::int, 'CARD', least(v.converted_at + nth * interval '30 days', %(now)s)::date, ''
    FROM crm_convertedpatient cp JOIN crm_leadconversion v ON v.id = cp.conversion_id, generate_series(0, 1) nth""",
]
