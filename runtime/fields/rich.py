"""Rich text: the tags it may have, cleaned when it is written and again when it is shown (safety D7)."""
import html
import re
from functools import lru_cache

import nh3
from markupsafe import Markup

TAGS = frozenset(("p", "br", "b", "strong", "i", "em", "u", "s", "a", "ul", "ol", "li", "blockquote",
                  "h3", "h4", "code", "pre", "hr"))
_BLOCK_END = re.compile(r"<br\s*/?>|</(?:p|li|h3|h4|blockquote|pre|ul|ol)>|<hr\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_cleaner = nh3.Cleaner(
    tags=set(TAGS), attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel="noopener nofollow",
    clean_content_tags={"script", "style", "svg", "math", "iframe", "object", "template", "noscript", "textarea", "title"},
    strip_comments=True)


def clean(given: str) -> str:
    """Only what the list allows; everything else is dropped or escaped."""
    return _cleaner.clean(given)


@lru_cache(maxsize=2048)
def shown(stored: str) -> Markup:
    """Stored rich text as safe markup: the only place that says so."""
    return Markup(clean(stored))


def paragraphs(words: str) -> str:
    """Words without tags as paragraphs: an empty line parts two, a line break stays one."""
    parts = re.split(r"\n\s*\n", html.escape(html.unescape(words), quote=False).strip())
    return "".join(f"<p>{part.strip().replace(chr(10), '<br>')}</p>" for part in parts)


def words(stored: str) -> str:
    """The text without its tags, a line per paragraph: for exports, lists and search."""
    lined = _BLOCK_END.sub("\n", clean(stored))
    return re.sub(r"\n{3,}", "\n\n", html.unescape(_TAG.sub("", lined))).strip()
