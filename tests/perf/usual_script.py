"""What one writes in an afternoon: simple_salesforce's Bulk query into peewee's insert_many. For comparison only.

`python usual_script.py FILE.db` with {"instance_url", "access_token", "ca", "soql"} as JSON on stdin.
"""

from __future__ import annotations

import csv
import io
import json
import sys

import requests
from peewee import Model, SqliteDatabase, TextField, chunked
from simple_salesforce import Salesforce

# 500 rows of 50 columns stay below SQLite's 32,766 variables for one statement.
ROWS_PER_INSERT = 500
PAGE_ROWS = 50_000


def main(path: str) -> None:
    given = json.load(sys.stdin)
    session = requests.Session()
    session.verify = given["ca"]
    salesforce = Salesforce(instance_url=given["instance_url"], session_id=given["access_token"], session=session)
    database = SqliteDatabase(path)
    model = None
    # As favourable as it gets: big pages, one transaction a page, a short poll, deleted rows as in the mirror.
    for page in salesforce.bulk2.Lead.query_all(given["soql"], max_records=PAGE_ROWS, wait=0.2):
        rows = csv.DictReader(io.StringIO(page, newline=""))
        if model is None:
            model = make_model(database, list(rows.fieldnames or ()))
        with database.atomic():
            for batch in chunked(rows, ROWS_PER_INSERT):
                model.insert_many(batch).execute()
    if model is not None:
        print(model.select().count())
    database.close()


def make_model(database: SqliteDatabase, names: list[str]) -> type[Model]:
    fields = {name: TextField(primary_key=name == "Id", null=name != "Id") for name in names}
    model: type[Model] = type("Lead", (Model,), {**fields, "Meta": type("Meta", (), {"database": database})})
    database.create_tables([model])
    return model


if __name__ == "__main__":
    main(sys.argv[1])
