"""The generated pages: list, record, form, search. Each works by plain link and reload, and as a fragment for HTMX."""
from runtime.records.pages import boards, bulk, buttons, conversion, edit, files, home, listing, panels, record, small
from runtime.records.pages.base import pages

__all__ = ["boards", "bulk", "buttons", "conversion", "edit", "files", "home", "listing", "pages", "panels", "record", "small"]
