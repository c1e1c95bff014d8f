"""The results page's side of the daemon: what the page may ask of a workspace's runs, and the loopback server that
hands the page to a browser. Everything here only reads."""

from tunesmith.server.results.answers import ResultsAnswers, UnknownMethod
from tunesmith.server.results.http import RunningPage, serve_page
from tunesmith.server.results.messages import RESULTS_METHODS

__all__ = ["RESULTS_METHODS", "ResultsAnswers", "RunningPage", "UnknownMethod", "serve_page"]
