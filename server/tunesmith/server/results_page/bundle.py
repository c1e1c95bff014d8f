"""The built page, as it lies in the package."""

from pathlib import Path

from msgspec import Struct

from tunesmith.server.errors import ServerError

FOLDER = Path(__file__).parent.parent / "ui"
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class PageNotBuilt(ServerError):
    """The package has no built page: it is run from sources."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"The results page is not in {folder}.", next_step="Build it with `make page`.")


class PageFile(Struct, frozen=True):
    """A file as it is sent."""

    body: bytes
    media_type: str


def read_bundle(folder: Path = FOLDER) -> dict[str, PageFile]:
    """By request path; `/` is the page itself. Read once, so that a request can name no other file.

    Raises `PageNotBuilt`.
    """
    files = {
        f"/{path.name}": PageFile(path.read_bytes(), f"{TYPES[path.suffix]}; charset=utf-8")
        for path in sorted(folder.glob("*"))
        if path.suffix in TYPES
    }
    if "/index.html" not in files or "/page.js" not in files:
        raise PageNotBuilt(folder)
    return files | {"/": files["/index.html"]}
