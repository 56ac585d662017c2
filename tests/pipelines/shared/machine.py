"""The machine that jobs run on: pip with a wheel of the program, and a record of who can read which credential."""
import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

CREDENTIALS = ("AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE", "SSPRCTL_REFRESH_TOKEN", "SSPRCTL_ID_TOKEN",
               "SSPRCTL_GITLAB_TOKEN", "SYSTEM_ACCESSTOKEN", "idToken")


def spy(tool, real, log):
    """A script that notes which credentials its environment has, and then is the real tool."""
    names = " ".join(CREDENTIALS)
    return f"""#!/usr/bin/env bash
seen=
for name in {names}; do [[ -z ${{!name:-}} ]] || seen+=" $name"; done
echo "${{CI_JOB_NAME:-$AGENT_JOBNAME}} {tool}${{seen:-" nothing"}}" >> '{log}'
exec '{real}' "$@"
"""


def version(program):
    return subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[1]


def wheel(program, folder, log):
    """A wheel whose only file runs the program that is tested. maturin packs the same way, with the binary itself. Returns
    the line of a requirements file that names its version and digest."""
    number = version(program)
    info = f"ssprctl-{number}.dist-info"
    files = {
        f"ssprctl-{number}.data/scripts/ssprctl": spy("ssprctl", program, log),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: ssprctl\nVersion: {number}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    }
    record = ""
    file = folder / f"ssprctl-{number}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text.encode())}\n"
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, text)
        archive.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return f"ssprctl=={number} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


class Machine:
    """A folder with tools, and the environment of a job on it."""

    def __init__(self, program, folder):
        self.log = folder / "seen"
        self.bin, wheels = folder / "bin", folder / "wheels"
        for made in (self.bin, wheels, folder / "home"):
            made.mkdir()
        self.requirement = wheel(program, wheels, self.log)
        # pip is that of the environment that this runs in.
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        for tool in ("pip", "python3"):
            real = shutil.which(tool, path=path)
            if real is None:
                raise SystemExit(f"{tool} is needed on the path")
            script = self.bin / tool
            script.write_text(spy(tool, real, self.log))
            script.chmod(0o755)
        self.env = {"PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(folder / "home"), "LANG": "C.UTF-8",
                    "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels), "PIP_ROOT_USER_ACTION": "ignore",
                    "NO_COLOR": "1", "GIT_CONFIG_NOSYSTEM": "1"}

    def seen(self):
        """Which credentials each job's tools could read since this was asked last."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return sorted(set(lines))


def find_program():
    """The program to test: that of SSPRCTL, or the last debug build."""
    root = Path(__file__).resolve().parents[3]
    program = Path(os.environ.get("SSPRCTL", root / "target/debug/ssprctl")).resolve()
    if not program.exists():
        raise SystemExit(f"{program} is not there: cargo build first, or name it in SSPRCTL")
    return program
