#!/usr/bin/python3
"""links.py - every link between the pages of this repository leads somewhere, its heading included; every page of docs/ is
named by the README or by another page, every decision by their index. Not here: links to other hosts."""
import re

import page_kit
from page_kit import SOURCE, ok

PAGES = [SOURCE / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((SOURCE / "docs").rglob("*.md"))


def without_fences(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(page):
    """As code hosts make them of headings."""
    headings = re.findall(r"^#+ (.+)$", without_fences(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", without_fences(page.read_text(encoding="utf-8"))):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if re.match(r"\w+:", link):
            continue
        if not target.exists():
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: no such heading"
        else:
            reached.add(target)


reached = {SOURCE / "README.md"}
for page in PAGES:
    wrong = list(broken(page))
    ok(not wrong, f"links of {page.relative_to(SOURCE)}", "\n".join(wrong))
lost = [str(page.relative_to(SOURCE)) for page in PAGES if page.resolve() not in reached]
ok(not lost, "every page is reached by a link", "\n".join(lost))
page_kit.end(20)
