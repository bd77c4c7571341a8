"""Look at everything that can be wrong, and say it in sentences. Ends with status 1 when something is."""
import time

from runtime.db import outbox
from runtime.db.transaction import reading, transaction
from runtime.kinds.check import Finding
from runtime.kinds.kind import catalogue


def arguments(parser) -> None:
    parser.add_argument("--replay", action="store_true", help="first give all dead letters another chance")


def run(options) -> dict:
    if options.replay:
        with transaction() as tx:
            outbox.replay(tx.connection)
    checks = {}
    for check in catalogue().all("checks"):
        started = time.perf_counter()
        try:
            with reading(snapshot=True) as connection:
                finding = check.look(connection)
        except Exception as problem:                # a check that fails is a finding; the others must still be made
            finding = Finding(False, f"The check itself failed: {problem}")
        checks[check.name] = {"ok": finding.ok, "label": check.label, "says": finding.says, **finding.figures,
                              "ms": round((time.perf_counter() - started) * 1000, 1)}
    return {"ok": all(one["ok"] for one in checks.values()), "checks": checks}


def text(result: dict) -> str:
    return "\n".join(f"{'ok ' if one['ok'] else 'BAD'} {one['label']:<14} {one['says']}"
                     for one in result["checks"].values())
