"""Who waits for whom: a process looks at the database every few milliseconds and keeps what stood in a reader's way."""
import multiprocessing
import time

import psycopg

ASK = """
SELECT waiting.pid, left(waiting.query, 60), extract(epoch FROM clock_timestamp() - waiting.query_start) * 1000,
       holder.pid, holder.backend_type, left(holder.query, 160), holder.state,
       coalesce(holder.wait_event_type || '/' || holder.wait_event, 'working')
FROM pg_stat_activity AS waiting CROSS JOIN LATERAL unnest(pg_blocking_pids(waiting.pid)) AS blocker(pid)
JOIN pg_stat_activity AS holder ON holder.pid = blocker.pid
WHERE waiting.wait_event_type = 'Lock' AND waiting.query LIKE 'SELECT id, name, size%'"""


class Watch:
    """`end` gives lines: how long a read had waited, and what the one in its way was doing. Longer than `over` ms only."""

    def __init__(self, address, over=20):
        own = multiprocessing.get_context("spawn")
        self.over, self.told = own.Event(), own.Queue()
        self.process = own.Process(target=_watch, args=(address, over, self.over, self.told), daemon=True)
        self.process.start()

    def end(self):
        self.over.set()
        told = self.told.get(timeout=60)
        self.process.join()
        return told


def _watch(address, least, over, told):
    seen = []
    with psycopg.connect(address, autocommit=True) as connection:
        while not over.is_set():
            for _reader, _query, waited, holder, backend, doing, state, wait in connection.execute(ASK):
                if waited >= least:
                    seen.append(f"{time.strftime('%H:%M:%S')} {waited:.0f} ms behind {holder} ({backend}, {state}, {wait}): "
                                + " ".join(doing.split()))
            time.sleep(0.01)
    told.put(seen)
