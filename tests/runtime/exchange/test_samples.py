"""Sample records: days counted from today, people who own them, links between the files; twice is once."""
from datetime import UTC, date, datetime

from runtime.exchange import samples
from runtime.records import query
from runtime.security import users
from runtime.values import HOUSE


def test_samples_come_in_with_their_people_days_and_links(boss, frozen_clock, tmp_path):
    (tmp_path / "users.csv").write_text("name,email\nHà Nguyễn,ha@example.com\n")
    (tmp_path / "deals.csv").write_text("name,account,close_date,opened,owner\n"
                                        "First,Acme,today+8,today-1 09:30,Hà Nguyễn\nSecond,,today,,me\nThird,,,,Nobody\n")
    (tmp_path / "accounts.csv").write_text("name,parent\nAcme North,Acme\nAcme,\n")

    first, again = samples.take(boss, tmp_path), samples.take(boss, tmp_path)

    assert [(one["module"], one["created"], one["refused"]) for one in first] == [("accounts", 2, 0), ("deals", 3, 0)]
    assert [(one["created"], one["skipped"]) for one in again] == [(0, 2), (0, 3)]
    ha = users.find("ha@example.com")
    assert not ha.active
    rows = query.find(HOUSE, query.Query("deals", ("account", "close_date", "opened", "owner"), sort=(("id", False),),
                                         labels=True)).rows
    assert [(row["account:label"], row["close_date"], row["opened"], row["owner"]) for row in rows] == [
        ("Acme", date(2026, 3, 13), datetime(2026, 3, 4, 9, 30, tzinfo=UTC), ha.id),
        (None, date(2026, 3, 5), None, boss.user_id), (None, None, None, boss.user_id)]
