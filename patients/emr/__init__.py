"""The live connection to the systems of record (EPIC, CERNER, ATHENA), which speak FHIR R4.

`addresses` says which servers may be called at all, `signing` and `login` who we are there, `asking` sends one request,
`client` and `bulk` speak FHIR. `syncing` keeps a clinic level with its EMR, `booking_back` tells it what was booked
here.
Nothing here holds a transaction open while another server is asked.
"""
