"""The API of patients, the schedule and money: what the pages do, for programs.

An operation finds its row, calls one verb and answers with what came of it. It knows no rule of its own: the verbs know
them, and `errors` says which field of a request a broken rule is about.
"""
