"""Does Redis answer, and does it keep what it is told? Losing it loses nothing, but work waits for the clock."""
import redis
import sqlalchemy as sa

from runtime.db import relay
from runtime.kinds.check import Check, Finding


class QueueServer(Check):
    name = "redis"
    label = "Redis"

    def look(self, connection: sa.Connection) -> Finding:
        try:
            told = relay.client().info("server")
        except redis.RedisError as problem:
            return Finding(False, f"Redis cannot be reached: {problem}. Work goes on, some seconds later.")
        version = told.get("valkey_version") or told.get("redis_version")
        return Finding(True, f"{'Valkey' if 'valkey_version' in told else 'Redis'} {version}.", {"version": version})
