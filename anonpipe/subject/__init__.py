"""The rights of the people that a study is about: participants, and those only mentioned."""

from anonpipe.subject.finding import Subject, code_of, find

__all__ = ["Subject", "code_of", "find"]
