"""The root of all errors that a person can mend."""


class VigieError(Exception):
    """Its message says what is wrong, where, and what to do; commands show it without a traceback."""
