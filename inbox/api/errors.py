"""Which field of a request is to blame for a broken rule."""

from inbox import rules

FIELDS_OF_RULES = {
    rules.NobodyToWriteTo: "channel",
    rules.NoAccount: "channel",
    rules.NothingToSay: "text",
}
