"""The application's own tables (`om_*`) as peewee models, made per file: many mirrors are open side by side.

The tables are made by `migrations`; the models only read and write them. A set of models belongs to one connection and
is used by one thread at a time (the writer's, or whoever holds the read session).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apsw
from peewee import (
    AutoField,
    BareField,
    BlobField,
    BooleanField,
    CompositeKey,
    FloatField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.apsw_ext import APSWDatabase

PENDING = "pending"
# States of an outbox entry in which it still overlays its row. A sent entry is removed, or kept as "sent" for the log.
OPEN_STATES = ("pending", "sending", "retry", "needs-user", "conflict", "ambiguous")
# An entry that lies over its row and is never sent: a field that is not sent or not overwritten, a name made of parts.
KEPT = "kept"
OVERLAY_STATES = (*OPEN_STATES, KEPT)


class BoundDatabase(APSWDatabase):
    """peewee over a connection that somebody else opened, owns and closes. Transactions are the owner's as well."""

    def __init__(self, conn: apsw.Connection) -> None:
        super().__init__(None, thread_safe=False, autoconnect=False)
        self._bound = conn
        self.init(conn.filename)
        self.connect()

    def _connect(self) -> apsw.Connection:
        return self._bound

    def _close(self, conn: apsw.Connection) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Models:
    """The model classes of one connection."""

    database: BoundDatabase
    Meta: Any
    Setting: Any
    Object: Any
    Field: Any
    LoadJob: Any
    LoadPage: Any
    Watermark: Any
    Outbox: Any
    Alias: Any
    Draft: Any
    FieldRule: Any
    Act: Any
    Copy: Any
    Layout: Any
    Conflict: Any
    Send: Any
    Duplicate: Any
    MergePolicy: Any
    Sibling: Any
    Problem: Any
    History: Any
    Change: Any
    Throughput: Any
    Follow: Any
    Lost: Any
    Tombstone: Any
    View: Any
    Withdrawn: Any
    SchemaLog: Any
    Listed: Any
    Question: Any
    KeptValue: Any
    Outside: Any

    def all(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__ if name != "database")


def build_models(conn: apsw.Connection) -> Models:
    """New model classes that speak to this connection alone."""
    database = BoundDatabase(conn)

    class Base(Model):
        pass

    def table(name: str, **meta: Any) -> type[Any]:
        return type("Meta", (), {"database": database, "table_name": name, "legacy_table_names": False, **meta})

    class OmMeta(Base):
        key = TextField(primary_key=True)
        value = TextField(null=True)
        Meta = table("om_meta")

    class OmSetting(Base):
        key = TextField(primary_key=True)
        value = TextField()
        Meta = table("om_setting")

    class OmObject(Base):
        name = TextField(primary_key=True)
        label = TextField()
        label_plural = TextField()
        key_prefix = TextField(null=True)
        custom = BooleanField(default=False)
        describe = BlobField(null=True)
        describe_stamp = TextField(null=True)
        fingerprint = TextField(null=True)
        has_table = BooleanField(default=False)
        in_scope = BooleanField(default=True)
        direction = TextField(default="pull")
        row_filter = TextField(null=True)
        loaded = BooleanField(default=False)
        rows = IntegerField(default=0)
        last_synced_at = TextField(null=True)
        delete_policy = TextField(default="flag")
        schema_policy = TextField(default="follow")
        filter_day = TextField(null=True)
        durable_at = TextField(null=True)
        Meta = table("om_object")

    class OmField(Base):
        object = TextField()
        name = TextField()
        position = IntegerField()
        kind = TextField()
        label = TextField()
        added_at = TextField()
        hidden_at = TextField(null=True)
        in_scope = BooleanField(default=True)
        durable_id = TextField(null=True)
        hidden_why = TextField(null=True)
        Meta = table("om_field", primary_key=CompositeKey("object", "name"))

    class OmLoadJob(Base):
        object = TextField(primary_key=True)
        method = TextField()
        soql = TextField()
        fields_hash = TextField()
        api_version = TextField()
        job_id = TextField(null=True)
        started_server = TextField()
        total = IntegerField(null=True)
        total_is_estimate = BooleanField(default=False)
        phase = TextField()
        next_locator = TextField(null=True)
        listing_url = TextField(null=True)
        listing_done = BooleanField(default=False)
        pages_repeated = IntegerField(default=0)
        error_code = TextField(null=True)
        Meta = table("om_load_job")

    class OmLoadPage(Base):
        object = TextField()
        locator = TextField()
        position = IntegerField()
        state = TextField()
        rows = IntegerField(default=0)
        Meta = table("om_load_page", primary_key=CompositeKey("object", "locator"))

    class OmWatermark(Base):
        object = TextField(primary_key=True)
        safe_from = TextField(null=True)
        last_ok_at = TextField(null=True)
        last_sweep_at = TextField(null=True)
        last_formula_at = TextField(null=True)
        last_asked_at = TextField(null=True)
        Meta = table("om_watermark")

    class OmOutbox(Base):
        seq = AutoField()
        object = TextField()
        record_id = TextField()
        op = TextField()
        field = TextField(null=True)
        base = BareField(null=True)
        mine = BareField(null=True)
        server = BareField(null=True)
        group_id = TextField(null=True)
        state = TextField(default=PENDING)
        attempts = IntegerField(default=0)
        next_try_at = TextField(null=True)
        error_code = TextField(null=True)
        error_text = TextField(null=True)
        created_at = TextField()
        token = TextField(null=True)
        edited_at = TextField(null=True)
        Meta = table("om_outbox")

    class OmAlias(Base):
        temporary_id = TextField(primary_key=True)
        object = TextField()
        real_id = TextField()
        at = TextField()
        Meta = table("om_alias")

    class OmDraft(Base):
        object = TextField()
        record_id = TextField()
        at = TextField()
        content = TextField()
        Meta = table("om_draft", primary_key=CompositeKey("object", "record_id"))

    class OmFieldRule(Base):
        object = TextField()
        field = TextField()
        rule = TextField()
        Meta = table("om_field_rule", primary_key=CompositeKey("object", "field"))

    class OmAct(Base):
        act_id = AutoField()
        at = TextField()
        name = TextField()
        params = TextField(default="{}")
        steps = TextField()
        undone_at = TextField(null=True)
        Meta = table("om_act")

    class OmCopy(Base):
        object = TextField()
        record_id = TextField()
        at = TextField()
        here_only = BooleanField(default=False)
        image = BlobField()
        Meta = table("om_copy", primary_key=CompositeKey("object", "record_id"))

    class OmLayout(Base):
        object = TextField()
        part = TextField()
        at = TextField()
        stamp = TextField(null=True)
        content = BlobField(null=True)
        Meta = table("om_layout", primary_key=CompositeKey("object", "part"))

    class OmConflict(Base):
        conflict_id = AutoField()
        object = TextField()
        record_id = TextField()
        field = TextField(null=True)
        base = BareField(null=True)
        mine = BareField(null=True)
        theirs = BareField(null=True)
        changed_by = TextField(null=True)
        changed_at = TextField(null=True)
        found_at = TextField()
        state = TextField(default="open")
        winner = TextField(null=True)
        decided_at = TextField(null=True)
        kind = TextField(default="field")
        details = TextField(default="{}")
        policy = TextField(null=True)
        Meta = table("om_conflict")

    class OmSend(Base):
        token = TextField()
        object = TextField()
        record_id = TextField()
        op = TextField()
        method = TextField()
        sent_at = TextField()
        last_sent_at = TextField()
        content = TextField(default="{}")
        tries = IntegerField(default=1)
        result_id = TextField(null=True)
        answered_at = TextField(null=True)
        Meta = table("om_send", primary_key=CompositeKey("token", "record_id"))

    class OmDuplicate(Base):
        object = TextField()
        record_id = TextField()
        at = TextField()
        content = TextField()
        allowed = BooleanField(default=False)
        Meta = table("om_duplicate", primary_key=CompositeKey("object", "record_id"))

    class OmMergePolicy(Base):
        object = TextField()
        field = TextField(default="")
        policy = TextField()
        Meta = table("om_merge_policy", primary_key=CompositeKey("object", "field"))

    class OmSibling(Base):
        object = TextField()
        record_id = TextField()
        field = TextField()
        base = BareField(null=True)
        Meta = table("om_sibling", primary_key=CompositeKey("object", "record_id", "field"))

    class OmProblem(Base):
        problem_id = AutoField()
        object = TextField(null=True)
        record_id = TextField(null=True)
        field = TextField(null=True)
        code = TextField()
        params = TextField(default="{}")
        salesforce_code = TextField(null=True)
        salesforce_text = TextField(null=True)
        attempts = IntegerField(default=1)
        next_try_at = TextField(null=True)
        first_at = TextField()
        last_at = TextField()
        state = TextField(default="open")
        kind = TextField(default="object")
        operation = TextField(null=True)
        announced_at = TextField(null=True)
        Meta = table("om_problem")

    class OmHistory(Base):
        history_id = AutoField()
        started = TextField()
        ended = TextField(null=True)
        object = TextField(null=True)
        operation = TextField()
        status = TextField()
        new = IntegerField(default=0)
        updated = IntegerField(default=0)
        deleted = IntegerField(default=0)
        failed = IntegerField(default=0)
        skipped = IntegerField(default=0)
        api_calls = IntegerField(default=0)
        seconds = FloatField(default=0.0)
        Meta = table("om_history")

    class OmChange(Base):
        change_id = AutoField()
        at = TextField()
        object = TextField()
        record_id = TextField(null=True)
        field = TextField(null=True)
        old = BareField(null=True)
        new = BareField(null=True)
        by = TextField(null=True)
        side = TextField()
        followed = BooleanField(default=False)
        Meta = table("om_change")

    class OmThroughput(Base):
        object = TextField()
        hour = TextField()
        done = IntegerField(default=0)
        backlog = IntegerField(null=True)
        Meta = table("om_throughput", primary_key=CompositeKey("object", "hour"))

    class OmFollow(Base):
        follow_id = AutoField()
        object = TextField()
        record_id = TextField(null=True)
        title = TextField(null=True)
        definition = TextField(null=True)
        since = TextField()
        seen_change = IntegerField(default=0)
        Meta = table("om_follow")

    class OmLost(Base):
        object = TextField()
        master_id = TextField()
        loser_id = TextField()
        field = TextField()
        value = BareField(null=True)
        at = TextField()
        Meta = table("om_lost", primary_key=CompositeKey("object", "loser_id", "field"))

    class OmTombstone(Base):
        object = TextField()
        record_id = TextField()
        at = TextField()
        state = TextField()
        Meta = table("om_tombstone", primary_key=CompositeKey("object", "record_id"))

    class OmView(Base):
        view_id = AutoField()
        object = TextField()
        name = TextField()
        position = IntegerField(default=0)
        definition = TextField()
        Meta = table("om_view")

    class OmWithdrawn(Base):
        object = TextField()
        record_id = TextField()
        reason = TextField()
        at = TextField()
        image = BlobField()
        Meta = table("om_withdrawn", primary_key=CompositeKey("object", "record_id"))

    class OmSchemaLog(Base):
        line_id = AutoField()
        at = TextField()
        object = TextField()
        field = TextField(null=True)
        what = TextField()
        old = TextField(null=True)
        new = TextField(null=True)
        Meta = table("om_schema_log")

    class OmListed(Base):
        name = TextField(primary_key=True)
        label = TextField()
        label_plural = TextField()
        custom = BooleanField(default=False)
        queryable = BooleanField(default=True)
        custom_setting = BooleanField(default=False)
        first_seen_at = TextField()
        gone_at = TextField(null=True)
        is_new = BooleanField(default=False)
        ticked = BooleanField(null=True)
        Meta = table("om_listed")

    class OmQuestion(Base):
        question_id = AutoField()
        kind = TextField()
        object = TextField()
        field = TextField(null=True)
        other = TextField(null=True)
        params = TextField(default="{}")
        asked_at = TextField()
        answer = TextField(null=True)
        answered_at = TextField(null=True)
        Meta = table("om_question")

    class OmKeptValue(Base):
        object = TextField()
        record_id = TextField()
        field = TextField()
        at = TextField()
        why = TextField()
        value = BareField(null=True)
        Meta = table("om_kept_value", primary_key=CompositeKey("object", "record_id", "field", "at"))

    class OmOutside(Base):
        object = TextField()
        record_id = TextField()
        at = TextField()
        Meta = table("om_outside", primary_key=CompositeKey("object", "record_id"))

    return Models(
        database=database,
        Meta=OmMeta,
        Setting=OmSetting,
        Object=OmObject,
        Field=OmField,
        LoadJob=OmLoadJob,
        LoadPage=OmLoadPage,
        Watermark=OmWatermark,
        Outbox=OmOutbox,
        Alias=OmAlias,
        Draft=OmDraft,
        FieldRule=OmFieldRule,
        Act=OmAct,
        Copy=OmCopy,
        Layout=OmLayout,
        Conflict=OmConflict,
        Send=OmSend,
        Duplicate=OmDuplicate,
        MergePolicy=OmMergePolicy,
        Sibling=OmSibling,
        Problem=OmProblem,
        History=OmHistory,
        Change=OmChange,
        Throughput=OmThroughput,
        Follow=OmFollow,
        Lost=OmLost,
        Tombstone=OmTombstone,
        View=OmView,
        Withdrawn=OmWithdrawn,
        SchemaLog=OmSchemaLog,
        Listed=OmListed,
        Question=OmQuestion,
        KeptValue=OmKeptValue,
        Outside=OmOutside,
    )
