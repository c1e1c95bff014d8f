"""The bundled example, and the tour through it."""

from tunesmith.server.demo.tour import run_tour

__all__ = ["run_tour"]
