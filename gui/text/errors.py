"""An error's words in the reader's language, and which state of a page it is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from core.messages import Message, message
from core.model.errors import OrgMirrorError


def words(error: OrgMirrorError) -> Message:
    """What happened and what to do next, as plain text."""
    return message(error, lambda source: QCoreApplication.translate("Messages", source))  # tr: checked, core marks them


def report(error: OrgMirrorError) -> str:
    """What Copy puts on the clipboard: the words, then the code for whoever helps."""
    said = words(error)
    lines = [said.title, said.remedy, "", f"code: {error.code.value}"]
    lines += [f"{name}: {value}" for name, value in sorted(error.params.items())]
    if error.salesforce_code:
        lines.append(f"salesforce: {error.salesforce_code}")
    return "\n".join(lines)
