#!/usr/bin/env python3
"""links.py DOCUMENT...: 1 and a line for each link to a file or a heading of the tree that is not there."""

import os
import re
import sys


def text_of(path):
    """A document without its blocks, in which brackets are no links."""
    with open(path, encoding='utf-8') as file:
        return re.sub(r'^( *)```.*?^\1```', '', file.read(), flags=re.M | re.S)


def anchors_of(path):
    """The names of its headings, as GitHub makes them."""
    headings = re.findall(r'^#+ (.*)$', text_of(path), re.M)
    return {re.sub(r'[^\w\- ]', '', heading.lower()).replace(' ', '-') for heading in headings}


wrong = []
for document in sys.argv[1:]:
    for link in re.findall(r'\]\(([^)\s]+)\)', text_of(document)):
        if re.match(r'[a-z]+:', link):
            continue
        path, _, anchor = link.partition('#')
        target = os.path.normpath(os.path.join(os.path.dirname(document), path)) if path else document
        if not os.path.exists(target):
            wrong.append(f'{document}: no such file: {link}')
        elif anchor and anchor not in anchors_of(target):
            wrong.append(f'{document}: no such heading: {link}')
sys.exit('\n'.join(wrong) if wrong else 0)
