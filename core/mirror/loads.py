"""Resume state of a first load. Every function runs in the writer's transaction, with the rows that it describes.

A page (a Bulk locator, a REST page) is pending, partial or done. `batch_done` and `page_done` commit together with a
batch's rows, so that after a kill anywhere a page is either done, and never asked for again, or partial:
`reset_partial` makes it pending, and its rows, harmlessly upserted again, are not counted twice. The first page of a
job read in sequence has the locator None.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.mirror import times, watermarks
from core.mirror.session import Session, WriteSession
from core.model.errors import ErrorCode
from core.model.states import LoadMethod, LoadPhase

_PENDING, _PARTIAL, _DONE = "pending", "partial", "done"
_FIRST = ""  # how the None locator is stored


@dataclass(frozen=True, slots=True)
class LoadJob:
    """One object's load. `rows_done`, `pages_done` and `pages_open` are read from the pages, never stored twice.

    `next_locator`: where reading in sequence goes on (Bulk locator or REST nextRecordsUrl). `listing_url`: where the
    list of a Bulk job's pages goes on; `listing_done`: every page is listed. `total` is None while unknown.
    """

    object: str
    method: LoadMethod
    soql: str
    fields_hash: str
    api_version: str
    started_server: datetime
    job_id: str | None = None
    total: int | None = None
    total_is_estimate: bool = False
    rows_done: int = 0
    pages_done: int = 0
    pages_open: int = 0
    phase: LoadPhase = LoadPhase.WAITING
    next_locator: str | None = None
    listing_url: str | None = None
    listing_done: bool = False
    pages_repeated: int = 0
    error_code: str | None = None

    @property
    def all_read(self) -> bool:
        """Whether every page is committed: nothing is left to fetch."""
        if self.pages_open:
            return False
        return self.listing_done or (self.pages_done > 0 and self.next_locator is None and self.listing_url is None)


def get_job(session: Session, object_name: str) -> LoadJob | None:
    """The object's load, or None when none was started (or it was finished and tidied away)."""
    model = session.models.LoadJob
    row = model.get_or_none(model.object == object_name)
    return None if row is None else _as_job(session, row)


def all_jobs(session: Session) -> list[LoadJob]:
    """Every load there is, by object name."""
    model = session.models.LoadJob
    return [_as_job(session, row) for row in model.select().order_by(model.object)]


def start_job(session: WriteSession, job: LoadJob) -> None:
    """Begin a load afresh; an earlier one of the object is forgotten. Its rows stay and are upserted again."""
    models = session.models
    models.LoadPage.delete().where(models.LoadPage.object == job.object).execute()
    models.LoadJob.replace(
        object=job.object,
        method=job.method.value,
        soql=job.soql,
        fields_hash=job.fields_hash,
        api_version=job.api_version,
        job_id=job.job_id,
        started_server=times.to_text(job.started_server),
        total=job.total,
        total_is_estimate=job.total_is_estimate,
        phase=job.phase.value,
        next_locator=job.next_locator,
        listing_url=job.listing_url,
        listing_done=job.listing_done,
        pages_repeated=job.pages_repeated,
        error_code=None,
    ).execute()


def set_bulk_job(session: WriteSession, object_name: str, job_id: str | None) -> None:
    """Remember the Bulk job as soon as it exists."""
    _update(session, object_name, job_id=job_id)


def set_total(session: WriteSession, object_name: str, total: int | None, *, is_estimate: bool = False) -> None:
    """The number of rows to expect."""
    _update(session, object_name, total=total, total_is_estimate=is_estimate)


def set_phase(session: WriteSession, object_name: str, phase: LoadPhase) -> None:
    """Where the load stands; leaving FAILED clears its error."""
    _update(session, object_name, phase=phase.value, error_code=None)


def list_pages(session: WriteSession, object_name: str, locators: Sequence[str], next_listing_url: str | None) -> None:
    """Add pages of a Bulk job, in order; known ones keep their state. No `next_listing_url`: the list is complete."""
    page = session.models.LoadPage
    position = page.select().where(page.object == object_name).count()
    for offset, locator in enumerate(locators):
        page.insert(
            object=object_name, locator=locator, position=position + offset, state=_PENDING
        ).on_conflict_ignore().execute()
    _update(session, object_name, listing_url=next_listing_url, listing_done=next_listing_url is None)


def pending_pages(session: Session, object_name: str) -> list[str]:
    """Locators of listed pages that are not committed whole, in order (partial ones as well)."""
    page = session.models.LoadPage
    rows = page.select(page.locator).where(page.object == object_name, page.state != _DONE).order_by(page.position)
    return [row.locator for row in rows]


def batch_done(session: WriteSession, object_name: str, locator: str | None, rows: int) -> None:
    """`rows` rows of a page are written in this transaction, and the page goes on."""
    _add_rows(session, object_name, locator, rows, _PARTIAL)


def page_done(
    session: WriteSession, object_name: str, locator: str | None, rows: int, next_locator: str | None = None
) -> None:
    """The page's last `rows` rows (0 is fine) are written in this transaction; read on at `next_locator`.

    For pages from a listing `next_locator` is not looked at by anybody and may stay None.
    """
    _add_rows(session, object_name, locator, rows, _DONE)
    _update(session, object_name, next_locator=next_locator)


def reset_partial(session: WriteSession, object_name: str) -> int:
    """After a start: pages committed in part are pending again, their rows uncounted. Returns how many are repeated."""
    page, job = session.models.LoadPage, session.models.LoadJob
    repeated = int(
        page.update(state=_PENDING, rows=0).where(page.object == object_name, page.state == _PARTIAL).execute()
    )
    if repeated:
        job.update(pages_repeated=job.pages_repeated + repeated).where(job.object == object_name).execute()
    return repeated


def reset_page(session: WriteSession, object_name: str, locator: str | None) -> None:
    """One page was cut short and is fetched again in the same run: its rows are uncounted."""
    page, job = session.models.LoadPage, session.models.LoadJob
    key = _FIRST if locator is None else locator
    if (
        page.update(state=_PENDING, rows=0)
        .where(page.object == object_name, page.locator == key, page.state == _PARTIAL)
        .execute()
    ):
        job.update(pages_repeated=job.pages_repeated + 1).where(job.object == object_name).execute()


def finish(session: WriteSession, object_name: str, watermark: datetime, rows: int) -> None:
    """The load is complete: the object is loaded with `rows` live rows and is in step from `watermark` on.

    The pages are tidied away, the job stays with phase DONE.
    """
    models = session.models
    done = get_job(session, object_name)
    if done is not None:
        models.LoadPage.delete().where(models.LoadPage.object == object_name).execute()
        # What was done stays readable: one finished page that stands for all.
        models.LoadPage.insert(
            object=object_name, locator=_FIRST, position=0, state=_DONE, rows=done.rows_done
        ).execute()
        _update(
            session,
            object_name,
            phase=LoadPhase.DONE.value,
            next_locator=None,
            listing_url=None,
            error_code=None,
        )
    now = times.now_text()
    models.Object.update(loaded=True, rows=rows, last_synced_at=now).where(models.Object.name == object_name).execute()
    watermarks.advance(session, object_name, safe_from=watermark, ok_at=watermark)


def fail(session: WriteSession, object_name: str, code: ErrorCode) -> None:
    """The load stopped; what is loaded stays, and the next start goes on from it."""
    _update(session, object_name, phase=LoadPhase.FAILED.value, error_code=code.value)


def forget(session: WriteSession, object_name: str) -> None:
    """Drop the load's state; the next start begins afresh."""
    models = session.models
    models.LoadPage.delete().where(models.LoadPage.object == object_name).execute()
    models.LoadJob.delete().where(models.LoadJob.object == object_name).execute()


def forget_unfinished(session: WriteSession, object_name: str) -> None:
    """Drop a load that is under way: what it asks for is no longer what is wanted."""
    job = get_job(session, object_name)
    if job is not None and job.phase is not LoadPhase.DONE:
        forget(session, object_name)


def _update(session: WriteSession, object_name: str, **values: object) -> None:
    model = session.models.LoadJob
    model.update(**values).where(model.object == object_name).execute()


def _add_rows(session: WriteSession, object_name: str, locator: str | None, rows: int, state: str) -> None:
    page = session.models.LoadPage
    key = _FIRST if locator is None else locator
    changed = (
        page.update(rows=page.rows + rows, state=state).where(page.object == object_name, page.locator == key).execute()
    )
    if not changed:
        position = page.select().where(page.object == object_name).count()
        page.insert(object=object_name, locator=key, position=position, state=state, rows=rows).execute()


def _as_job(session: Session, row: Any) -> LoadJob:
    rows_done, pages_done, pages_open = session.conn.execute(
        "SELECT coalesce(sum(rows), 0), coalesce(sum(state = 'done'), 0), coalesce(sum(state <> 'done'), 0) "
        "FROM om_load_page WHERE object = ?",
        (row.object,),
    ).get
    return LoadJob(
        object=row.object,
        method=LoadMethod(row.method),
        soql=row.soql,
        fields_hash=row.fields_hash,
        api_version=row.api_version,
        started_server=times.from_text(row.started_server),
        job_id=row.job_id,
        total=row.total,
        total_is_estimate=bool(row.total_is_estimate),
        rows_done=rows_done,
        pages_done=pages_done,
        pages_open=pages_open,
        phase=LoadPhase(row.phase),
        next_locator=row.next_locator,
        listing_url=row.listing_url,
        listing_done=bool(row.listing_done),
        pages_repeated=row.pages_repeated,
        error_code=row.error_code,
    )
