#!/usr/bin/env python3
"""Runs the commands of documents.

commands.py [-j N] [--exceptions FILE] [--fixtures FOLDER] DOCUMENT...

What is a command in a document, docs/contributing.md says for those who write one:

- a fenced block `sh`, or a block indented by four spaces: one script, which ends at the first command that fails;
- a fenced block `console`: each line behind `$ ` is a command (`> ` continues it), the lines behind it are what it
  prints, standard error included. There `…` stands for anything, and a line of it alone for any lines;
- in a manual page, a literal line behind `$ `, and those behind it as long as they end with `|`.

All of one document run in one shell, in order, in a folder of their own, in which FIXTURES/NAME.sh was run first.
A line of the exceptions is not run: document, command or `## heading` for all under it, reason; tabs between them.
"""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

COMMANDS = {'sh', 'console'}
# What a block may be besides.
OTHERS = {'automake', 'c', 'cmake', 'gdb', 'json', 'm4', 'make', 'meson', 'python', 'starlark', 'text'}
TIMEOUT = 120  # seconds for a document


class Bad(Exception):
    """What is wrong with a document, or with a command of it."""


class Block:
    """A block of a document: where it begins, in which language, under which heading."""

    def __init__(self, line, language, heading):
        self.line, self.language, self.heading = line, language, heading
        self.lines = []


def blocks_of(name, text):
    """The blocks of a document, those that are no commands too."""
    blocks, block, heading, before = [], None, '', ''
    for number, line in enumerate(text.split('\n'), 1):
        fence = re.match(r' {0,3}```(.*)$', line)
        if block and block.language == 'indented' and not line.startswith('    ') and line.strip():
            block = None
        if fence and not block:
            block = Block(number, fence[1].strip(), heading)
            block.indent = len(line) - len(line.lstrip())
            if block.language not in COMMANDS | OTHERS:
                raise Bad(f"{name}:{number}: a block of '{block.language}' is neither commands nor anything else")
            blocks.append(block)
        elif fence and block.language != 'indented':
            block = None
        elif block:
            block.lines.append(line[4 if block.language == 'indented' else block.indent:])
        elif line.startswith('    ') and not before.strip():
            block = Block(number, 'indented', heading)
            block.lines.append(line[4:])
            blocks.append(block)
        elif line.startswith('#'):
            heading = line
        before = line
    if block and block.language != 'indented':
        raise Bad(f'{name}:{block.line}: the block has no end')
    return blocks


def blocks_of_page(path):
    """The commands of a manual page, each a block."""
    text = subprocess.run(['mandoc', '-Tmarkdown', path], check=True, capture_output=True, text=True).stdout
    blocks, is_open = [], False
    for number, line in enumerate(text.split('\n'), 1):
        # Markdown has literal text behind a tab, and a display of one line as a quotation with escapes.
        match = re.match(r'(?:\t|>\s+)\\?\$ (.*)$', line)
        if match:
            blocks.append(Block(number, 'sh', ''))
        if match or is_open:
            command = match[1] if match else line.strip()
            blocks[-1].lines.append(command if line.startswith('\t') else re.sub(r'\\(.)', r'\1', command))
            is_open = command.endswith('|')
    return blocks


class Step:
    """A script with its lines, or one command of a console with what it prints."""

    def __init__(self, line, text, expected=None):
        self.line, self.text, self.expected = line, text, expected


def steps_of(name, block):
    if block.language != 'console':
        return [Step(block.line, '\n'.join(block.lines))]
    steps = []
    for number, line in enumerate(block.lines, block.line + 1):
        if line.startswith('$ '):
            steps.append(Step(number, line[2:], []))
        elif not steps:
            raise Bad(f"{name}:{number}: output before any '$ '")
        elif line.startswith('> ') and not steps[-1].expected:
            steps[-1].text += '\n' + line[2:]
        else:
            steps[-1].expected.append(line)
    return steps


def drop_excepted(step, exceptions):
    """Take lines out of a step that are not to be run."""
    kept = []
    for line in step.text.split('\n'):
        command = re.sub(r'\s+#\s.*$', '', line).strip()
        if command in exceptions:
            exceptions[command].used = True
        else:
            kept.append(line)
    step.text = '\n'.join(kept)


def has_commands(text):
    return any(line.strip() and not line.strip().startswith('#') for line in text.split('\n'))


def pattern_of(expected):
    """What a console shows, as a regular expression."""
    parts = []
    for line in expected:
        if line.strip() == '…':
            parts.append(r'(?:.*\n)*?')
        else:
            parts.append('.*'.join(map(re.escape, line.rstrip().split('…'))) + r'[ \t]*\n')
    return ''.join(parts)


def quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


def run(name, steps, root, fixture):
    """Run the steps in one shell; raises Bad at the first that is not as the document says."""
    with tempfile.TemporaryDirectory() as folder:
        work, said = os.path.join(folder, 'work'), os.path.join(folder, 'said')
        os.makedirs(work)
        os.makedirs(said)
        script = [f'cd {quote(work)} || exit', f'export HOME={quote(folder)}']
        if os.path.exists(fixture):
            script += ['(', 'set -e', f'root={quote(root)}', f'. {quote(fixture)}', f') >{quote(said + "/fixture")} 2>&1',
                       f'echo $? >{quote(said + "/fixture.status")}',
                       # Where a fixture puts what the commands are to find in the environment.
                       'if [ -e ../environment ]; then set -a; . ../environment; set +a; fi']
        for i, step in enumerate(steps):
            out = f'{said}/{i}'
            # The shell's own words of a command that died of a signal go where its output goes.
            script += [f'exec 98>&1 99>&2 >{quote(out)} 2>&1']
            if step.expected is None:
                script += ['set -e', step.text, 'set +e', f'echo 0 >{quote(out + ".status")}']
            else:
                script += [step.text, f'echo $? >{quote(out + ".status")}']
            script += ['exec >&98 2>&99 98>&- 99>&-']
        path = os.path.join(folder, 'script')
        with open(path, 'w', encoding='utf-8') as file:
            file.write('\n'.join(script) + '\n')
        try:
            subprocess.run(['bash', path], stdin=subprocess.DEVNULL, timeout=TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            pass

        def read(file):
            try:
                with open(f'{said}/{file}', encoding='utf-8', errors='replace') as stream:
                    return stream.read()
            except FileNotFoundError:
                return None

        if os.path.exists(fixture) and read('fixture.status') != '0\n':
            raise Bad(f'{name}: the fixture failed:\n{read("fixture")}')
        for i, step in enumerate(steps):
            output, status = read(i) or '', read(f'{i}.status')
            where = f'{name}:{step.line}: '
            if status != '0\n':
                ended = f'ended with {status.strip()}' if status else 'did not come to its end'
                raise Bad(f'{where}{ended}:\n{step.text}\n-- it said:\n{output}')
            if step.expected is not None and not re.fullmatch(pattern_of(step.expected), output):
                raise Bad(f'{where}says otherwise:\n{step.text}\n-- it said:\n{output}-- not:\n'
                          + '\n'.join(step.expected))


class Exempt:
    """A command that is not run, or all under a heading."""

    def __init__(self, line, document, what, reason):
        self.line, self.document, self.what, self.reason = line, document, what, reason
        self.used = False


def read_exceptions(path):
    exceptions = []
    with open(path, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.startswith('#'):
                fields = line.rstrip('\n').split('\t')
                if len(fields) != 3 or not all(fields):
                    raise Bad(f'{path}:{number}: document, command and reason are wanted, with tabs between them')
                exceptions.append(Exempt(number, *fields))
    return exceptions


def check(root, document, exceptions, fixtures):
    """Run a document; returns what is wrong with it, or nothing."""
    try:
        path = os.path.join(root, document)
        if document.endswith('.md'):
            with open(path, encoding='utf-8') as file:
                blocks = blocks_of(document, file.read())
        else:
            blocks = blocks_of_page(path)
        mine = {e.what: e for e in exceptions if e.document == document}
        steps = []
        for block in blocks:
            if block.language in OTHERS:
                continue
            if block.heading in mine:
                mine[block.heading].used = True
                continue
            for step in steps_of(document, block):
                drop_excepted(step, mine)
                if has_commands(step.text):
                    steps.append(step)
        name = os.path.basename(document).removesuffix('.md')
        run(document, steps, os.path.abspath(root), os.path.join(fixtures, name + '.sh'))
        print(f'{document}: {len(steps)} steps')
        return []
    except Bad as bad:
        return [str(bad)]


def main():
    parser = argparse.ArgumentParser(description='Runs the commands of documents.')
    parser.add_argument('-j', type=int, default=os.cpu_count())
    parser.add_argument('--root', default='.')
    parser.add_argument('--exceptions', default=os.devnull)
    parser.add_argument('--fixtures', default='')
    parser.add_argument('documents', nargs='+')
    arguments = parser.parse_args()
    try:
        exceptions = read_exceptions(arguments.exceptions)
    except Bad as bad:
        sys.exit(str(bad))
    with concurrent.futures.ThreadPoolExecutor(arguments.j) as pool:
        wrong = sum(pool.map(lambda document: check(arguments.root, document, exceptions, arguments.fixtures),
                             arguments.documents), [])
    if not wrong:
        wrong = [f'{arguments.exceptions}:{e.line}: {e.document} has no such command: {e.what}'
                 for e in exceptions if not e.used]
    sys.exit('\n'.join(wrong) if wrong else 0)


main()
