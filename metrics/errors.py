"""The errors of measures: what an author of a definition can put right."""


class MeasureError(Exception):
    """A definition cannot be used; the message lists every fault found, file by file."""
