"""The names of the forms that commands can show their answers in. Light to import: the command line lists them."""

from enum import StrEnum

__all__ = ["Format"]


class Format(StrEnum):
    """What `--format` takes. Each command offers those that make sense for it."""

    TEXT = "text"
    """A page for people, in a terminal with colors and links."""
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    """Annotations of a GitHub workflow run."""
    ICALENDAR = "icalendar"
    SVG = "svg"
    MERMAID = "mermaid"
    YAML = "yaml"
    """Lines of a plan file."""
    COMMANDS = "commands"
    """What is typed in the appliance's command line."""
    OPENSSL = "openssl"
    """A configuration for `openssl req`."""
