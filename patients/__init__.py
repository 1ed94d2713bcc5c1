"""Owns patients and the schedule: who is treated, who pays, when they come, what was done, and what was paid.

Main verbs: register_patient, edit_patient, delete_patient, erase_patient, book_appointment, move_appointment,
confirm_appointment, complete_appointment, miss_appointment, cancel_appointment, record_visit, record_payment.
May import: billing, clinics.
"""
