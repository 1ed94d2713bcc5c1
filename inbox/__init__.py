"""Owns what is said between a clinic and its people: conversations, messages either way, consent, channel accounts.

Main verbs: receive_message, match_conversation; plan_message, cancel_message, resend_message (planning); take_report
(reporting); note_consent, opt_out, suppress, lift_suppression, may_send (consent); decide_doubtful (reconciling).
`outbox` alone sends, through the adapters in `channels`; `reasons.explain` says why a message has not gone, went or
failed; `windows`, `segments`, `quiet_hours` and `carrier_errors` are pure. May import: crm, patients, billing, clinics.
"""
