"""Owns what is said between a clinic and its people: conversations, messages either way, consent, channel accounts.

Main verbs: receive_message, plan_message, match_conversation; `outbox` alone sends, through the adapters in `channels`.
May import: crm, patients, billing, clinics.
"""
