"""Resources from files instead of a server: bundles, NDJSON, tables with columns to map, and the tables of Synthea.

`json_reading` and `tables` make FHIR resources of a part, `recognising` says what a part is, `uploading` keeps it,
`working` tries it out and imports it. Everything else is the core that connections use too.
"""
