"""The results page's side of the daemon: what the page may ask of a workspace's runs, and the loopback server that
hands the page to a browser. Everything here only reads."""

from tunesmith.server.results_page.answers import ResultsAnswers
from tunesmith.server.results_page.bundle import read_bundle
from tunesmith.server.results_page.http import RunningPage, serve_page

__all__ = [
    "ResultsAnswers",
    "RunningPage",
    "read_bundle",
    "serve_page",
]
