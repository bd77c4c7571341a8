"""The builder: edits descriptions and publishes them; looks after the people who may log in."""
from runtime.locale.text import lazy
from runtime.web.menu import Item

menu = (Item(lazy("Users"), "/builder/people", "users", group=lazy("Administration"), position=910,
             shown=lambda actor: actor.admin),)
