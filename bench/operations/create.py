"""Creating a deal by form and by API: twenty fields, checked; history and event in the same commit. The floor only inserts."""
import threading
import time
from collections.abc import Iterator

import psycopg

from bench import forms
from bench.client import Ask
from bench.stage import Row, Stage

ORDER = 40
INSERT = """
INSERT INTO records.deals (name, account, stage, amount, amount__currency, amount__home, close_date, type, probability, source,
  next_step, contact, email, phone, website, seats, discount, score, strategic, last_contact, competitor, description, owner,
  created_at, updated_at, search)
VALUES ('Vekenlai Somura 1', 4711, 'Proposal', 48250.50, 'USD', 48250.50, '2026-11-30', 'New business', 40, 'Partner',
  'Send the offer', 'Hoa Trần', 'hoa@example.com', '+84901234567', 'https://hoa.example', 25, 2.5, 70, true,
  '2026-11-20 09:30Z', 'Other & Sons',
  'Boxes and film for the season, delivered to two places.', 1, now(), now(),
  to_tsvector('simple', house.words('Vekenlai Somura 1')))
RETURNING id"""


def rows(stage: Stage) -> Iterator[Row]:
    form = Ask("/m/deals", "POST", forms.body(csrf_token=stage.member_token, _key=forms.NEW), forms.FORM, 303)
    api = Ask("/api/v1/records/deals", "POST", forms.document(), {"Content-Type": "application/json"}, 201)
    bare = Ask("/deals", "POST", forms.body(csrf_token=stage.floor_token), forms.FORM, 303)
    by_form, by_api, floor, raw = stage.rounds(
        stage.one(stage.member, form), stage.one(stage.program, api), stage.one(stage.anybody, bare), stage.sql((INSERT, ())))
    yield Row("create by form", "ms", by_form, floor, raw)
    yield Row("create by API", "ms", by_api, floor, raw)
    by_form, by_api, floor, raw = stage.rounds(
        stage.many(stage.member, [form]), stage.many(stage.program, [api]), stage.many(stage.anybody, [bare]),
        lambda: _inserts(stage))
    yield Row("create by form, 8 clients", "records/s", by_form, floor, raw, "floor", ">=", 0.5)
    yield Row("create by API, 8 clients", "records/s", by_api, floor, raw, "floor", ">=", 0.5)


def _inserts(stage: Stage) -> float:
    """Inserts per second over eight connections."""
    seconds, done = 1.5 if stage.quick else 4, [0] * 8

    def loop(at: int) -> None:
        with psycopg.connect(stage.installation.database, autocommit=True) as connection:
            while time.perf_counter() < end:
                connection.execute(INSERT, prepare=True)
                done[at] += 1

    end = time.perf_counter() + seconds
    threads = [threading.Thread(target=loop, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds
