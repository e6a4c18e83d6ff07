"""The ground floor: vocabulary, rules and the outside world."""

__version__ = "0.1.0"
