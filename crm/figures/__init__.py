"""The figures of the clinic's growth: what is counted, how it is drawn, and in which words it is explained.

`cohort` (which leads), `cells` (how many of which kind), then a module a question: `spending`, `revenue`, `credit`,
`people`, `times`, `consultations`, `flow`, `trend`. `reading` answers them once a page, `drawing*` makes charts of
them, `sheets` tables and files, `words` says what each figure means. The functions of `crm.analytics` stand below.
"""
