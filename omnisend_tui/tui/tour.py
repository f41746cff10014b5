"""The way through the demo of Customer Insights: sign in, look at the segments, run the export."""

from typing import TYPE_CHECKING

from omnisend_tui.i18n import _

if TYPE_CHECKING:
    from omnisend_tui.tui.app import OmnisendApp


def begin_tour(app: "OmnisendApp") -> None:
    """Opens the sign-in of the demo's source, and after it the segments of its export."""
    from omnisend_tui.tui.exporting.wizard import edit_export
    from omnisend_tui.tui.sourcing.wizard import sign_in_again

    workspace = app.workspace
    (source,) = workspace.config.sources.values()

    def signed_in() -> None:
        (export,) = workspace.config.exports.values()
        app.push_screen(edit_export(workspace, export, app.stored, step="Source"))
        app.say(_("Signed in. Here are the segments; Esc leads to the export, where r runs it."))

    note = _("This is the demo: a few seconds after the code appears, the sandbox signs you in by"
             " itself.")  # fmt: skip
    app.push_screen(sign_in_again(workspace, source, signed_in, note))
