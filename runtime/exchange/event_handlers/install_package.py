"""Install package: a worker installs what somebody agreed to; resumed after a crash, it goes on where it stopped."""
from typing import Any

from runtime.exchange import package_jobs
from runtime.kinds.event_handler import EventHandler
from runtime.values import Event


class InstallPackage(EventHandler):
    name = "install_package"
    label = "Install packages"
    events = ("package.requested",)
    queue = "slow"
    always = True
    long = True

    def handle(self, event: Event, tx: Any) -> None:
        package_jobs.run(event.payload["job_id"])
