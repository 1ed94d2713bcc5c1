"""Chance for measured data, in SQL: drawn from hashes of running numbers, so the same on every machine."""

# A number in [0, 1) for the running number n and a purpose.
DRAW = "('x' || substr(md5(n::text || '{purpose}'), 1, 7))::bit(28)::int / 268435456.0"
# Time-ordered ids as the application makes them, the rest of the digits from a hash.
ROW_ID = (
    "(lpad(to_hex((extract(epoch FROM {moment}) * 1000)::bigint), 12, '0')"
    " || substr(md5(%(clinic)s || '{purpose}' || {number}::text), 1, 20))::uuid"
)
# One of sixteen digits by chance for the lead l; a place for each question.
DIGIT = "substr(md5(l.id::text), {place}, 1)"
# A quarter have a consultation.
HAS_VISIT = DIGIT.format(place=6) + " < '4'"
VISIT_ID = ROW_ID.format(moment="l.captured_at", purpose="visit", number="l.id")
