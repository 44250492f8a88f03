"""Conflicts as data: of which kind they are and what a person can answer. Values are the command line's contract."""

from __future__ import annotations

from enum import StrEnum


class ConflictKind(StrEnum):
    """What stands between an edit and Salesforce."""

    FIELD = "field"  # both sides changed one field to different values
    GONE_THERE = "gone-there"  # deleted in Salesforce
    MERGED_THERE = "merged-there"
    CONVERTED_THERE = "converted-there"
    HIDDEN_THERE = "hidden-there"  # deleted for good or no longer visible: Salesforce does not tell which
    DELETED_HERE = "deleted-here"  # deleted here, changed there
    SEVERAL_CANDIDATES = "several-candidates"  # a create without an answer, and more than one record that may be it


class Choice(StrEnum):
    """What a person decides. A field conflict knows mine, theirs and a value; records know the rest."""

    MINE = "mine"
    THEIRS = "theirs"
    VALUE = "value"
    RECREATE = "recreate"  # make it anew in Salesforce
    MOVE = "move"  # bring the edits to the surviving record, or the contact of a converted lead
    DISCARD = "discard"
    ADOPT = "adopt"  # this candidate is the record that was made


CHOICES: dict[ConflictKind, tuple[Choice, ...]] = {
    ConflictKind.FIELD: (Choice.MINE, Choice.THEIRS, Choice.VALUE),
    ConflictKind.GONE_THERE: (Choice.RECREATE, Choice.DISCARD),
    ConflictKind.MERGED_THERE: (Choice.MOVE, Choice.RECREATE, Choice.DISCARD),
    ConflictKind.CONVERTED_THERE: (Choice.MOVE, Choice.DISCARD),
    ConflictKind.HIDDEN_THERE: (Choice.RECREATE, Choice.DISCARD),
    ConflictKind.DELETED_HERE: (Choice.MINE, Choice.THEIRS),
    ConflictKind.SEVERAL_CANDIDATES: (Choice.ADOPT, Choice.RECREATE, Choice.DISCARD),
}
