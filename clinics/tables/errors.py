"""Why a file cannot be read, in the words of the person who chose it."""

from clinics.errors import RuleBroken


class UnreadableFile(RuleBroken):
    """No table can be got out of this file. The message says why and what helps."""


class FileTooLarge(UnreadableFile):
    """More bytes than the limit, packed or unpacked."""


class FileIsEmpty(UnreadableFile):
    """Nothing in it, or headings and no rows."""


class NotATable(UnreadableFile):
    """A picture, a document, a program: not text in columns."""


class DamagedFile(UnreadableFile):
    """The file says what it is, and then breaks off or contradicts itself."""


class UnknownEncoding(UnreadableFile):
    """The bytes are text in no encoding that makes sense of all of them."""
