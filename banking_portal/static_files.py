"""Static files as they are served: hashed and compressed once, at collectstatic, and the sheets of a page as one."""

import re
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# The sheet that imports those of all components, each written where its component is. A browser that is sent it as it
# is written asks for one after another, on a telephone for seconds.
SHEET = "css/portal.css"
IMPORT = re.compile(r'@import url\("([a-z_]+\.css)"\);\n')
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


class OneSheet(Storage):
    """Gives that sheet with what it imports in its place, and without what is said to who reads the code."""

    def __init__(self, collected: Storage):
        self.collected = collected

    def _open(self, name, mode="rb"):
        return ContentFile(COMMENT.sub("", IMPORT.sub(self._imported, self._read(name))).encode())

    def _imported(self, found: re.Match[str]) -> str:
        return self._read(str(PurePosixPath(SHEET).parent / found[1]))

    def _read(self, name: str) -> str:
        with self.collected.open(name) as file:
            text: bytes = file.read()
        return text.decode()


class PortalStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """As it was collected, but for that sheet: what is hashed and compressed is the joined one."""

    def post_process(self, paths, dry_run=False, **options):
        yield from super().post_process(paths | {SHEET: (OneSheet(self), SHEET)}, dry_run, **options)
