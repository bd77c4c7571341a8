"""The front door: `gunicorn wsgi:app`. The runtime's rooms, and the builder's pages."""
import builder
from runtime.app import create_app

app = create_app(rooms=(builder,))
