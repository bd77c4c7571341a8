"""Two pairs of hands for the same story: one with the mouse, one that touches nothing but the keyboard."""

SETTLED = """() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"""

WAY = """(it) => { const at = document.activeElement;
    if (at === it) return 0;
    const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex='0']";
    const stops = [...document.querySelectorAll(kinds)]
        .filter((each) => each === it || each === at || (!each.disabled && each.tabIndex >= 0 && each.checkVisibility()));
    const from = at && at !== document.body ? stops.indexOf(at) : -1;
    return stops.indexOf(it) - from || 1; }"""
"""How many stops of the Tab key it is away, about; below zero: before."""


class Mouse:
    """Clicks, types into what was clicked, drags."""
    name = "mouse"

    def __init__(self, page):
        self.page = page

    def rest(self):
        """Until nothing is on its way any more."""
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_function(SETTLED)

    def press(self, what):
        self.page.locator(what).first.click()
        self.rest()

    def write(self, what, text):
        self.page.locator(what).first.click()
        self.page.locator(what).first.fill(text)

    def choose(self, what, label):
        self.page.locator(what).first.select_option(label=label)
        self.page.locator(what).first.dispatch_event("blur")
        self.rest()

    def tick(self, what):
        self.page.locator(what).first.click()

    def put(self, field, section):
        """A field of the palette into a section of the layout's canvas."""
        start = self.page.locator(f"[data-slots='off'] [data-field='{field}']")
        goal = self.page.locator(f"[data-slots='{section}']")
        start.scroll_into_view_if_needed()
        goal.scroll_into_view_if_needed()
        here = start.bounding_box()
        self.page.mouse.move(here["x"] + here["width"] / 2, here["y"] + here["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(here["x"] + here["width"] / 2 + 12, here["y"] + here["height"] / 2 + 6, steps=4)
        there = self.page.locator(f"[data-slots='{section}'] [data-field='{field}']")
        for _look in range(12):         # what it is dragged across makes room, and the section moves
            box = goal.bounding_box()
            self.page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] - 16, steps=8)
            self.page.wait_for_timeout(150)
            if there.count():
                break
        self.page.mouse.up()
        self.rest()


class Keyboard:
    """Tab and Shift+Tab to whatever it wants, then the keys that belong to it."""
    name = "keyboard"
    FAR = 100

    def __init__(self, page):
        self.page = page

    rest = Mouse.rest

    def reach(self, what):
        """By Tab from where the focus is, in the direction in which it lies."""
        target = self.page.locator(what).first
        target.wait_for(state="attached")
        for _look in range(self.FAR):
            stops = target.evaluate(WAY)
            if not stops:
                return
            for _step in range(max(abs(stops) - 3, 1)):
                self.page.keyboard.press("Tab" if stops > 0 else "Shift+Tab")
        raise AssertionError(f"The keyboard does not reach {what}.")

    def press(self, what):
        self.reach(what)
        self.page.keyboard.press("Enter")
        self.rest()

    def write(self, what, text):
        self.reach(what)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text) if text else self.page.keyboard.press("Delete")

    def choose(self, what, label):
        """By typing the choice's first letters, as in any list; then with the arrow keys, where others begin alike."""
        self.reach(what)
        chosen = "(it) => it.selectedOptions[0] ? it.selectedOptions[0].label.trim() : ''"
        self.page.keyboard.type(label)
        self.rest()
        for step in range(200):
            if self.page.locator(what).first.evaluate(chosen) == label:
                return
            self.reach(what)
            self.page.keyboard.press("ArrowDown" if step else "Home")
            self.rest()
        raise AssertionError(f"{what} offers no {label!r} to the keyboard.")

    def tick(self, what):
        self.reach(what)
        self.page.keyboard.press("Space")

    def put(self, field, section):
        """With the section's settings open, the palette's button adds to it."""
        self.press(f"#gear_{section}")
        self.press(f"#add_{field}")
