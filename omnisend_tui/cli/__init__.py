"""The command line. Each group of commands is imported when it is called, so that help is quick."""


def main() -> None:
    """Runs the command of ``sys.argv`` and ends the process with its exit code."""
    import sys

    from omnisend_tui.cli.root import run_command

    sys.exit(run_command(sys.argv[1:]))
