"""Everything is killed during an import: every row is there once, whoever went on with it, and undo leaves none."""
import csv
import os
import random
import time

import pytest

from faults.test_publish import kill_command, kill_database, kill_family
from faults.test_web import settled

TIMES = int(os.environ.get("FAULT_TIMES", "20"))
ROWS = 6000

pytestmark = pytest.mark.timeout(7200)


def a_file(folder, round_, rows=ROWS):
    """A sheet of leads with a key of their own."""
    file = folder / f"leads_{round_}.csv"
    with open(file, "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Name", "Company", "Email", "External Id"])
        for row in range(rows):
            writer.writerow([f"Import {round_} row {row}", f"Company {row % 50}", f"r{round_}.{row}@example.com",
                             f"{round_}-{row}"])
    return file


def count(installation, round_):
    with installation.connect() as connection:
        return connection.execute("SELECT count(*), count(DISTINCT external_id) FROM records.leads "
                                  "WHERE external_id LIKE %s AND deleted_at IS NULL", (f"{round_}-%",)).fetchone()


def taken_again(installation, file):
    """The same command once more; while a worker goes on with the interrupted one it says so, and we wait."""
    for _ in range(90):
        answer = installation.crm("import", str(file), "--module", "leads", "--match", "external_id")
        if answer.get("error") != "conflict":
            break
        time.sleep(2)
    return answer


@pytest.mark.parametrize("kill", [kill_command, kill_database, kill_family], ids=lambda one: one.__name__)
def test_killed_during_an_import(installation, tmp_path, kill):
    for round_ in range(TIMES):
        name = f"{kill.__name__.removeprefix('kill_')}{round_}"
        file = a_file(tmp_path, name)
        command = installation.begin("import", str(file), "--module", "leads", "--match", "external_id")
        time.sleep(random.uniform(1.0, 4.0))
        kill(installation, command)
        command.communicate(timeout=120)
        installation.wait_until_up()

        again = taken_again(installation, file)
        doctor = settled(installation)

        assert again["ok"], again
        assert count(installation, name) == (ROWS, ROWS)
        assert doctor["ok"], doctor
