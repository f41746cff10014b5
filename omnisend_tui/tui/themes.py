"""The app's two themes, and what they add to those of Textual."""

from collections.abc import Mapping
from typing import Any

from textual.app import App
from textual.theme import Theme

# The names that paint and app.tcss use beside Textual's own.
OWN = ("muted", "quiet", "track", "rule", "row", "row-unfocused", "on-accent")

_COMMON = {
    "text-muted": "$muted",
    "scrollbar-background": "$background",
    "scrollbar-background-hover": "$background",
    "scrollbar-background-active": "$background",
    "scrollbar": "$track",
    "scrollbar-hover": "$muted",
    "scrollbar-active": "$accent",
}


def _theme(name: str, dark: bool, colours: str, own: str) -> Theme:
    background, surface, panel, foreground, accent, success, warning, error = colours.split()
    variables = dict(zip(OWN, own.split(), strict=True))
    resolved = {
        key: variables.get(value[1:], value) if value.startswith("$") else value
        for key, value in _COMMON.items()
    }
    resolved |= {
        "scrollbar-background": background,
        "scrollbar-background-hover": background,
        "scrollbar-background-active": background,
        "scrollbar-active": accent,
        "border": accent,
    }
    return Theme(
        name=name, dark=dark, primary=accent, secondary=accent, accent=accent,
        background=background, surface=surface, panel=panel, foreground=foreground,
        success=success, warning=warning, error=error,
        variables=variables | resolved,
    )  # fmt: skip


def own_themes() -> list[Theme]:
    """``kaamos`` (dark) and ``hanki`` (light); contrasts are those of the design page."""
    return [
        _theme(
            "kaamos", True,
            "#11151b #191f28 #222a35 #dde4ec #5cc5d6 #86c98a #e5b567 #f28b82",
            "#97a5b5 #3f8a98 #3d4957 #38434f #1d3843 #232b36 #0b1216",
        ),
        _theme(
            "hanki", False,
            "#fbfaf7 #f1efe9 #e6e3db #20252c #08687a #2a6e36 #855300 #ab3027",
            "#57606b #4f8f9c #c4c0b5 #cbc7bb #d2e7ea #e6e3db #ffffff",
        ),
    ]  # fmt: skip


def begin_with(app: App[Any], name: str) -> None:
    """Uses a theme in an app that isn't shown yet.

    An assignment would have the whole stylesheet read once more before the first frame.
    """
    theme = app.get_theme(name)
    if theme is None or theme.ansi or not theme.dark:
        app.theme = name  # what follows from light or the terminal's own colours, Textual knows
        return
    app.set_reactive(App.theme, name)
    app.set_class(True, f"-theme-{name}", update=False)
    app.stylesheet.set_variables(app.get_css_variables())


def use_sixteen(app: App[Any]) -> None:
    """Both themes in a terminal's sixteen colours, for an app that isn't shown yet.

    Of other colours the nearest of these are shown, and what must differ, as the marked row and
    the page, would be the same.
    """
    for theme in _of_sixteen():
        app.register_theme(theme)
    if not app.current_theme.ansi and app.theme not in ("kaamos", "hanki"):
        begin_with(app, "kaamos" if app.current_theme.dark else "hanki")
    else:
        begin_with(app, app.theme)


def _of_sixteen() -> list[Theme]:
    # The values by which Rich knows the sixteen: rich.palette, STANDARD_PALETTE.
    return [
        _theme(
            "kaamos", True,
            "#000000 #000000 #555555 #ffffff #55ffff #55ff55 #ffff55 #ff5555",
            "#aaaaaa #00aaaa #555555 #555555 #0000aa #000000 #000000",
        ),
        _theme(
            "hanki", False,
            "#ffffff #ffffff #aaaaaa #000000 #0000aa #00aa00 #aa5500 #aa0000",
            "#555555 #00aaaa #aaaaaa #aaaaaa #55ffff #ffffff #ffffff",
        ),
    ]  # fmt: skip


def defaults(theme: Theme) -> Mapping[str, str]:
    """The own names for a theme that doesn't have them."""
    if theme.ansi:
        grey = "ansi_bright_black"
        return dict.fromkeys(OWN, grey) | {"row": "ansi_default", "on-accent": "ansi_black"}
    foreground, panel = theme.foreground, theme.panel
    dark = theme.dark
    text = foreground or ("#e0e0e0" if dark else "#202020")
    tint = panel or ("#2a2f38" if dark else "#d8d8d8")
    grey = "#9aa4b0" if dark else "#59616b"
    return {
        "muted": grey, "quiet": theme.primary, "track": "#555c66" if dark else "#b4b4b4",
        "rule": "#555c66" if dark else "#b4b4b4", "row": tint, "row-unfocused": tint,
        "on-accent": text if dark else "#ffffff",
    }  # fmt: skip
