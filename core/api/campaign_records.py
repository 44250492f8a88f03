"""Campaign members, calls and tasks: the part of the records facade that is about who is asked and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.api.record_acts import RecordActs
from core.mirror import aliases, editing
from core.mirror.session import WriteSession
from core.model.errors import ErrorCode, OrgMirrorError
from core.model.forms import ActName
from core.model.refs import RecordRef
from core.records import activities, campaigns
from core.records.editor import Editor
from core.records.views import Act, CampaignAct, MemberHit, MemberStatus


class CampaignRecords(RecordActs):
    """Everything local, as the rest of the facade."""

    def people(self, ids: Sequence[str]) -> tuple[RecordRef, ...]:
        """Leads and contacts by their ids alone. Raises NO_SUCH_RECORD for an id of neither."""

        def look(session: WriteSession) -> tuple[RecordRef, ...]:
            found = []
            for given in ids:
                known = aliases.resolve(session, given)
                name = editing.object_of(session, known)
                if name not in ("Lead", "Contact"):
                    raise OrgMirrorError(ErrorCode.NO_SUCH_RECORD, object="Lead, Contact", id=given)
                found.append(RecordRef(name, known))
            return tuple(found)

        return self._read(look)

    def campaign_statuses(self, campaign_id: str) -> tuple[MemberStatus, ...]:
        """The campaign's own member statuses, in its order."""
        return self._read(lambda session: campaigns.statuses(self._editor(session), campaign_id))

    def add_status(self, campaign_id: str, label: str, *, has_responded: bool = False) -> Act:
        """Add a member status to the campaign."""

        def do(editor: Editor) -> dict[str, Any]:
            campaigns.add_status(editor, campaign_id, label, has_responded=has_responded)
            return {"status": label}

        return self._act(ActName.STATUS_ADD, do)

    def campaign_add(self, campaign_id: str, refs: Sequence[RecordRef], status: str | None = None) -> CampaignAct:
        """Add leads and contacts; who is a member already is reported and left as it is. Raises NO_SUCH_STATUS."""
        found: list[MemberHit] = []

        def do(editor: Editor) -> dict[str, Any]:
            found.extend(campaigns.add(editor, campaign_id, refs, status))
            return {"status": status, "campaign": editor.title(RecordRef("Campaign", campaign_id))}

        act = self._act(ActName.CAMPAIGN_ADD, do)
        return CampaignAct(act if act.refs else None, existing=tuple(found))

    def campaign_remove(self, campaign_id: str, refs: Sequence[RecordRef]) -> CampaignAct:
        """Take leads and contacts out of the campaign."""
        missing: list[RecordRef] = []

        def do(editor: Editor) -> dict[str, Any]:
            missing.extend(campaigns.remove(editor, campaign_id, refs))
            return {"campaign": editor.title(RecordRef("Campaign", campaign_id))}

        act = self._act(ActName.CAMPAIGN_REMOVE, do)
        return CampaignAct(act if act.refs else None, missing=tuple(missing))

    def campaign_status(self, campaign_id: str, refs: Sequence[RecordRef], status: str) -> CampaignAct:
        """Change the status of members. Raises NO_SUCH_STATUS."""
        missing: list[RecordRef] = []

        def do(editor: Editor) -> dict[str, Any]:
            missing.extend(campaigns.set_status(editor, campaign_id, refs, status))
            return {"status": status, "campaign": editor.title(RecordRef("Campaign", campaign_id))}

        act = self._act(ActName.CAMPAIGN_STATUS, do)
        return CampaignAct(act if act.refs else None, missing=tuple(missing))

    def log_call(self, ref: RecordRef, subject: str, comments: str = "") -> Act:
        """A completed call with this record, today. Raises NOT_EDITABLE until tasks are open for editing."""

        def do(editor: Editor) -> dict[str, Any]:
            activities.log_call(editor, ref, subject, comments, self._zone_of(editor.session))
            return {"subject": subject}

        return self._act(ActName.LOG_CALL, do)

    def add_task(self, ref: RecordRef, subject: str, *, due_days: int = 5, comments: str = "") -> Act:
        """A task for this record, due in five days unless told otherwise."""

        def do(editor: Editor) -> dict[str, Any]:
            activities.add_task(editor, ref, subject, comments, due_days, self._zone_of(editor.session))
            return {"subject": subject}

        return self._act(ActName.TASK, do)
