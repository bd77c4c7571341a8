"""Settings: what the environment says, made into one safe configuration; start-up stops where it is not safe.

SECRET_KEY         32 bytes or more; made once per installation in CRM_HOME when the servers are embedded
PUBLIC_URL         where people reach this installation; https:// there makes cookies Secure and turns HSTS on
TRUSTED_HOSTS      host names to answer to, by commas, besides that of PUBLIC_URL ("*" turns the check off)
TRUSTED_PROXIES    how many proxies in front set X-Forwarded-For and -Proto
CRM_API_RATE       how often one API key may ask ("30000 per minute"; "off" = as often as it likes)
CRM_STATEMENT_TIMEOUT  seconds after which a statement of a page or an API request is stopped (5; 0 = never)
IMPORT_LIMIT_MB    largest file an import takes (default 200)
CRM_PRODUCT, CRM_THEME, CRM_LANGUAGE     name, theme and language of the installation
"""
import os
import secrets
import socket
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from runtime.db import embedded
from runtime.security import passwords, store

MEGABYTE = 1024 * 1024
BODY = 2 * MEGABYTE
UPLOAD = 25 * MEGABYTE
PRODUCT = "Banyan"
HOME_HOSTS = ("localhost", ".localhost", "127.0.0.1", "[::1]", "0.0.0.0")

MUST_BE_SET = ("RATELIMIT_ENABLED", "AUTH_RATE_LIMITED", "SESSION_COOKIE_SECURE", "SESSION_COOKIE_SAMESITE",
               "PERMANENT_SESSION_LIFETIME", "WTF_CSRF_ENABLED", "MAX_CONTENT_LENGTH", "TRUSTED_HOSTS",
               "FAB_SAFE_REDIRECT_HOSTS", "FAB_PASSWORD_COMPLEXITY_ENABLED", "FILE_ALLOWED_EXTENSIONS")

FILES = ("avif", "bmp", "csv", "doc", "docx", "eml", "gif", "heic", "jpeg", "jpg", "json", "key", "md", "mp3", "mp4",
         "numbers", "odp", "ods", "odt", "pages", "pdf", "png", "ppt", "pptx", "rtf", "tif", "tiff", "tsv", "txt",
         "vcf", "wav", "webp", "xls", "xlsx", "zip")


class NotSafe(RuntimeError):
    """The configuration is not safe to start with; the message says what to set."""


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The Flask configuration of this installation."""
    public_url = environment.get("PUBLIC_URL", "").rstrip("/")
    secure = public_url.startswith("https://")
    return {
        "SECRET_KEY": secret_key(environment),
        "PRODUCT": environment.get("CRM_PRODUCT", PRODUCT),
        "THEME": environment.get("CRM_THEME", "default"),
        "LANGUAGE": environment.get("CRM_LANGUAGE", store.LANGUAGE),
        "PUBLIC_URL": public_url,
        "TRUSTED_HOSTS": _hosts(environment, public_url),
        "TRUSTED_PROXIES": int(environment.get("TRUSTED_PROXIES", "0")),
        "SESSION_COOKIE_NAME": "__Host-banyan" if secure else "banyan",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "PERMANENT_SESSION_LIFETIME": store.ABSOLUTE,
        "MAX_CONTENT_LENGTH": BODY,
        "MAX_FORM_MEMORY_SIZE": BODY,
        "MAX_FORM_PARTS": 1_000,
        "STATEMENT_TIMEOUT": float(environment.get("CRM_STATEMENT_TIMEOUT", "5")),
        "API_RATE": environment.get("CRM_API_RATE", "30000 per minute"),
        "IMPORT_LIMIT": int(environment.get("IMPORT_LIMIT_MB", "200")) * MEGABYTE,
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_CHECK_DEFAULT": False,            # asked by web/actor.py, once it is known who is there
        "WTF_CSRF_TIME_LIMIT": None,                # ends with the session
        "WTF_CSRF_SSL_STRICT": False,               # web/headers.py looks at Origin and Sec-Fetch-Site instead
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": "house://",         # runtime/web/counters.py
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": False,
        "RATELIMIT_HEADERS_ENABLED": False,
        "AUTH_RATE_LIMITED": True,
        "FAB_SAFE_REDIRECT_HOSTS": [],
        "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
        "FAB_PASSWORD_COMPLEXITY_VALIDATOR": passwords.check,
        "FILE_ALLOWED_EXTENSIONS": FILES,
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 4,
        "COMPRESS_LEVEL": 5,
        "COMPRESS_MIN_SIZE": 500,
        "TEMPLATES_AUTO_RELOAD": False,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
    }


def check(config: Mapping[str, Any]) -> None:
    """Raises NotSafe where one of safety E.2's settings is missing, or the key is too short."""
    if len(str(config.get("SECRET_KEY") or "").encode()) < 32:
        raise NotSafe("SECRET_KEY needs at least 32 bytes. Make one: python -c 'import secrets; print(secrets.token_hex(32))'")
    missing = [name for name in MUST_BE_SET if config.get(name) is None]
    off = [name for name in ("RATELIMIT_ENABLED", "AUTH_RATE_LIMITED", "WTF_CSRF_ENABLED", "MAX_CONTENT_LENGTH",
                             "FAB_PASSWORD_COMPLEXITY_ENABLED", "FILE_ALLOWED_EXTENSIONS", "SESSION_COOKIE_SAMESITE")
           if name in config and not config[name]]
    if str(config.get("PUBLIC_URL", "")).startswith("https://") and not config.get("SESSION_COOKIE_SECURE"):
        off.append("SESSION_COOKIE_SECURE")
    if missing or off:
        raise NotSafe("These settings are not safe to start with: " + ", ".join(missing + off) + ".")


def secret_key(environment: Mapping[str, str]) -> str:
    """From the environment; with an embedded database, one kept in CRM_HOME that only its owner may read."""
    if given := environment.get("SECRET_KEY"):
        return given
    if environment.get("DATABASE_URL"):
        raise NotSafe("Set SECRET_KEY (32 bytes or more, the same on every host): "
                      "python -c 'import secrets; print(secrets.token_hex(32))'")
    return _kept(embedded.home() / "secret_key")


def _kept(file: Path) -> str:
    """Read it, or make it; of two processes that start together one makes it and both read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        made = file.with_name(f"{file.name}.{os.getpid()}")
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as new:
            new.write(secrets.token_hex(32))
        try:
            os.link(made, file)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_text().strip()


def _hosts(environment: Mapping[str, str], public_url: str) -> list[str] | None:
    """Host names we answer to. Without PUBLIC_URL and TRUSTED_HOSTS: this machine's own names."""
    given = [name.strip() for name in environment.get("TRUSTED_HOSTS", "").split(",") if name.strip()]
    if "*" in given:
        return []
    if public_url:
        given.append(urlsplit(public_url).hostname or "")
    if not given or not environment.get("DATABASE_URL"):
        given.extend((*HOME_HOSTS, socket.gethostname()))
    return [name for name in dict.fromkeys(given) if name]

