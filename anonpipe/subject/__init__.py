"""The rights of the people that a study is about: participants, and those only mentioned."""

from anonpipe.subject.finding import Subject, entity_id, find

__all__ = ["Subject", "entity_id", "find"]
