"""The web: pages and fragments, who is asking, headers, themes, the menu, errors in the asker's own form."""
