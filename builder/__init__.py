"""The builder: edits descriptions and publishes them; looks after the people who may log in."""
from pathlib import Path

from runtime.locale.text import add_folder, lazy
from runtime.security import policy
from runtime.web.menu import Item

add_folder(Path(__file__).parent / "translations")

menu = (Item(lazy("Builder"), "/builder", "hammer", group=lazy("Administration"), position=905, shown=policy.may_build),
        Item(lazy("Users"), "/builder/people", "users", group=lazy("Administration"), position=910,
             shown=lambda actor: actor.admin),
        Item(lazy("Company"), "/builder/company", "building", group=lazy("Administration"), position=915,
             shown=lambda actor: actor.admin),
        Item(lazy("Audit"), "/builder/audit", "shield-check", group=lazy("Administration"), position=920,
             shown=lambda actor: actor.admin))
