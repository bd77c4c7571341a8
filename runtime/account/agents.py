"""Which browser it was: a user agent header in the words of the person who used it."""
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
            ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
           ("CrOS", "ChromeOS"), ("Linux", "Linux"))
"""What the header holds, and what it stands for; the first that is found counts, since browsers name each other."""


def name(agent: str) -> str:
    """"Chrome · Linux"; what nobody knows as the beginning of itself."""
    browser = next((label for mark, label in BROWSERS if mark in agent), "")
    system = next((label for mark, label in SYSTEMS if mark in agent), "")
    return " · ".join(filter(None, (browser, system))) if browser else agent[:40] or "?"
