"""masterd: the daemon and the offline engine."""


def main() -> None:
    """Entry point."""
