"""What the clinic as a whole converts of leads like those that a coordinator has: indirect standardisation.

Leads are told apart by source and by the treatments that they asked about; each such stratum s has the rate of the
whole clinic, whoever had its leads:

    expected of a coordinator = sum over s of (their leads in s x started in s / leads in s) / their leads

N. E. Breslow, N. E. Day, "Statistical Methods in Cancer Research II: The Design and Analysis of Cohort Studies", IARC
1987, section 2.3. The rate of a stratum with few leads would be chance, and for the most part that of the person who is
to be held against it: what has fewer than FEWEST leads is taken together with the other small ones of its source; what
is still few, with those of all sources; and what is few even then has the rate of the clinic.
"""

from collections import defaultdict

FEWEST = 20


def expected_rates(rows, fewest=FEWEST):
    """{coordinator or None: the share that such leads promise}.

    Rows are (coordinator, source, interest, leads, started).
    """
    strata, own = defaultdict(lambda: [0, 0]), defaultdict(lambda: defaultdict(float))
    for member, source, interest, leads, started in rows:
        stratum = strata[source, interest]
        stratum[0] += leads
        stratum[1] += started
        own[member][source, interest] += leads
    rates = _rates(strata, fewest)
    return {
        member: sum(number * rates[place] for place, number in leads.items()) / sum(leads.values())
        for member, leads in own.items()
    }


def _rates(strata, fewest):
    """{stratum: its rate, or that of the strata that it is taken together with}."""
    pool_of = {place: place for place in strata}
    for wider in (lambda source, _interest: (source,), lambda *_place: ()):
        sums = _sums(strata, pool_of)
        for place, pool in pool_of.items():
            if sums[pool][0] < fewest:
                pool_of[place] = wider(*place)
    sums, whole = _sums(strata, pool_of), _sums(strata, dict.fromkeys(strata, ()))[()]
    enough = {pool: both if both[0] >= fewest else whole for pool, both in sums.items()}
    return {place: enough[pool][1] / enough[pool][0] for place, pool in pool_of.items()}


def _sums(strata, pool_of):
    sums = defaultdict(lambda: [0, 0])
    for place, (leads, started) in strata.items():
        sums[pool_of[place]][0] += leads
        sums[pool_of[place]][1] += started
    return sums
