"""Compiled templates are kept in the installation, so that the first pages after a start need not compile them again."""
import builder
from runtime.app import create_app

KEY = "k" * 40


def test_compiled_templates_lie_in_the_installation_and_serve_the_next_start(database, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_HOME", str(tmp_path))
    app = create_app({"SECRET_KEY": KEY}, rooms=(builder,))
    kept = tmp_path / "cache" / "templates"

    assert app.test_client().get("/login").status_code == 200
    first = {file.name: file.stat().st_mtime_ns for file in kept.iterdir()}
    again = create_app({"SECRET_KEY": KEY}, rooms=(builder,))
    assert again.test_client().get("/login").status_code == 200

    assert first and {file.name: file.stat().st_mtime_ns for file in kept.iterdir()} == first
