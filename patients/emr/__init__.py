"""The systems of record (EPIC, CERNER, ATHENA), which speak FHIR R4: what they say, and the live connection to them.

What is said: `mapping` (FHIR to our words, pure), `matching` (which of our patients is it), `policy` (field by field
who wins), `applying` (a batch into the database, by the `taking_` modules), `runs` (start, end, what waited).

The connection: `addresses` says which servers may be called at all, `signing` and `login` who we are there, `asking`
sends one request, `client` and `bulk` speak FHIR. `syncing` keeps a clinic level with its EMR, `booking_back` tells it
what was booked here. Nothing here holds a transaction open while another server is asked.
"""
