"""What a phone on slow 4G downloads and sees first, measured by Lighthouse (a tool, from npm)."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from django.core.management import call_command

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


@dataclass(frozen=True)
class FirstView:
    """The first view of a page: kilobytes without pictures, seconds, and how far things jumped."""

    kilobytes: float
    largest_paint: float
    shift: float


def prepare() -> None:
    """Load the demo shop, whose pages have real pictures."""
    call_command("load_demo")


def measure(address: str, *, folder: Path) -> FirstView:
    """Open the address as Lighthouse's phone does: slow 4G and a slow processor, simulated."""
    report = folder / "lighthouse.json"
    command = [
        *(str(_lighthouse(folder)), address, "--quiet", "--only-categories=performance"),
        *("--form-factor=mobile", "--throttling-method=simulate"),
        *("--output=json", f"--output-path={report}", f"--chrome-flags={FLAGS}"),
    ]
    environment = {**os.environ, "CHROME_PATH": CHROMIUM}
    subprocess.run(command, check=True, timeout=180, env=environment)
    audits = json.loads(report.read_text())["audits"]
    requests = audits["network-requests"]["details"]["items"]
    return FirstView(
        kilobytes=sum(
            request.get("transferSize", 0)
            for request in requests
            if request.get("resourceType") != "Image"
        )
        / 1000,
        largest_paint=audits["largest-contentful-paint"]["numericValue"] / 1000,
        shift=audits["cumulative-layout-shift"]["numericValue"],
    )


def _lighthouse(folder: Path) -> Path:
    program = folder / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("Lighthouse needs npm (Node 20 or newer), for this measurement alone.")
        environment = {
            **os.environ,
            "PUPPETEER_SKIP_DOWNLOAD": "1",
            "CHROMEDRIVER_SKIP_DOWNLOAD": "true",
        }
        command = [npm, "install", "--silent", "--no-save", "--prefix", str(folder), "lighthouse"]
        subprocess.run(command, check=True, timeout=300, env=environment)
    return program
