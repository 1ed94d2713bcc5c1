"""The figures of the clinic's growth: what is counted, how it is drawn, and in which words it is explained.

`cohort` (which leads), `parts` (which months, stretches and days a period is), `making` (what each figure is, in SQL),
`keeping` (how it stays true), `lines` and `kept_cells` (how many of which kind), then a module a question: `spending`,
`revenue`, `credit`, `people` and `adjusting`, `times`, `consultations`, `flow`, `trend`, `late`. `reading` answers them
once a page, `pictures` makes charts of them, `sheets` tables and files, `words` says what each figure means. The
functions of `crm.analytics` stand below.
"""
