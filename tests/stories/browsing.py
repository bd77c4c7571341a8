"""Browsing: browsers in which somebody is signed in; in the end none of them may have said an error in its console."""
import re
from contextlib import contextmanager

PASSWORD = "correct horse battery"
SCREEN = {"width": 1440, "height": 900}
PATIENCE = 20_000
LEFT = re.compile(r"htmx:(afterRequest|sendAbort), ")
"""Whoever goes to another page leaves what was still on its way."""


@contextmanager
def browsing(chromium, but=None):
    """open(base, name, **options of the browser) -> a page of that person's. but: errors that belong to the story, as a pattern."""
    opened, said = [], []

    def open_(base, name, **options):
        opened.append(chromium.new_context(**({"viewport": SCREEN} | options)))
        page = opened[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda problem: said.append(str(problem)))
        page.goto(f"{base}/login")
        page.fill("[name=username]", name)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{base}/")
        return page

    try:
        yield open_
    finally:
        for context in opened:
            context.close()
    wrong = [line for line in said if not LEFT.match(line) and not (but and re.search(but, line))]
    assert not wrong, "\n".join(wrong)
