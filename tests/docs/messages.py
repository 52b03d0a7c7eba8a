#!/usr/bin/env python3
"""Compares what the sources can say with docs/troubleshooting.md.

messages.py --list      every text, with what varies as `…`
messages.py DOCUMENT    1 and a line for each text that no line of a block `text` of the document stands for, for each
                        line there that stands for no text, and for each rule of verify without a heading

A line of the document stands for a text when they are equal but for what `…` stands for. What rt says is made of pieces,
so each piece has to stand somewhere in the document.
"""

import glob
import re
import sys

LITERAL = r'"(?:[^"\\]|\\.)*"'
# The functions that take texts, and which argument is the format.
SPEAKERS = {
    'why_set': 1, 'warn': 0, 'die': 1, 'editing_warn': 1, 'options_usage': 0, 'fail': 0, 'check_add': 4, 'template_fault': 1,
    'fprintf': 1, 'fputs': 0,
}
# What stands around texts, and the usage.
FRAMES = ("elfpatch: cannot … '…': …", 'elfpatch: ', "; try 'elfpatch --help'", "; try 'elfpatch help …'",
          'elfpatch: … of … files, … s', "elfpatch: '…': …", 'patchelf: ', 'warning: …')
# One line must not stand for half of all there is to say.
MOST = 24


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def sources(*folders):
    return sorted(sum((glob.glob(f'{folder}/*.c') for folder in folders), []))


def macros():
    found = {}
    for path in glob.glob('rt/*.h') + glob.glob('elfpatch/**/*.[ch]', recursive=True) + glob.glob('ldwrap/*.[ch]'):
        for name, value in re.findall(rf'^#define (\w+)\s+({LITERAL})\s*(?:/\*.*)?$', read(path), re.M):
            found[name] = value
    return found


def unquote(literal):
    return re.sub(r'\\(.)', lambda m: {'n': '\n', 't': '\t', '0': '\0'}.get(m[1], m[1]), literal[1:-1])


def arguments_of(text, at):
    """The arguments of the call whose parenthesis was opened before `at`."""
    depth, start, found, i = 0, at, [], at
    while True:
        match = re.match(LITERAL + r"|'(?:[^'\\]|\\.)*'", text[i:])
        if match:
            i += match.end()
            continue
        c = text[i]
        if c in '([{':
            depth += 1
        elif c in ')]}':
            if depth == 0:
                return found + [text[start:i]]
            depth -= 1
        elif c == ',' and depth == 0:
            found.append(text[start:i])
            start = i + 1
        i += 1


def strings_in(argument, defined):
    """The strings of an argument, adjacent ones joined; those handed to a function in it are left out."""
    found, current, depth = [], None, 0
    for token in re.findall(rf"{LITERAL}|'(?:[^'\\]|\\.)*'|\w+|[^\s\w]", argument):
        if token == '(':
            depth += 1
        elif token == ')':
            depth -= 1
        if depth == 0 and (token[0] == '"' or token in defined or token.startswith('PRI')):
            current = (current or '') + ('u' if token.startswith('PRI') else unquote(defined.get(token, token)))
        else:
            if current:
                found.append(current)
            current = None
    return found + ([current] if current else [])


def shape_of(text):
    """A format with `…` for what varies."""
    text = re.sub(r'%(?:%|[-+ #0-9.*]*(?:hh|h|ll|l|j|z|t)?[diouxXcsp]?)', '…', text)
    return re.sub(r'…(?:…)+', '…', text).strip('\n')


def texts_of_tools():
    """(where, text) of what the tools can say on standard error."""
    defined = macros()
    found = []
    for path in sources('elfpatch', 'elfpatch/lib', 'ldwrap'):
        text = read(path)
        for match in re.finditer(rf'\b({"|".join(SPEAKERS)})\(|\breason = |\bstatic const char text\[\] = ', text):
            where = f'{path}:{text.count(chr(10), 0, match.start()) + 1}'
            if not match[1]:
                found += [(where, s) for s in strings_in(text[match.end():text.index(';', match.end())], defined)]
                continue
            arguments = arguments_of(text, match.end())
            if match[1] in ('fprintf', 'fputs') and not any(a.strip() == 'stderr' for a in arguments):
                continue
            wanted = SPEAKERS[match[1]]
            for i, argument in enumerate(arguments):
                for s in strings_in(argument, defined):
                    # What a format puts in is a text of its own when it is more than a word.
                    if i == wanted or (i > wanted and s.count(' ') > 2):
                        found.append((where, s))
    for path in sorted(glob.glob('ldwrap/integration/*')):
        for number, line in enumerate(read(path).split('\n'), 1):
            for words in re.findall(r'FATAL_ERROR "([^"]*)"|AC_MSG_ERROR\(\[([^]]*)\]', line):
                found.append((f'{path}:{number}', re.sub(r'\$\{?\w+\}?', '%s', ''.join(words))))
    shaped = [(where, shape_of(s)) for where, s in found]
    return [(where, s) for where, s in shaped
            if len(re.sub(r'[^A-Za-z]', '', s)) > 5 and s not in FRAMES and not s.startswith('  FILENAME...')]


def texts_of_rt():
    """(where, piece) of what rt can say."""
    defined = macros()
    found = []
    for path in sources('rt'):
        text = re.sub(r'/\*.*?\*/', lambda m: '\n' * m[0].count('\n'), read(path), flags=re.S)
        for number, line in enumerate(text.split('\n'), 1):
            if line.startswith('#') or '_Static_assert' in line:
                continue
            # A string may hold several, with their numbers between them.
            for s in strings_in(re.sub(r'\\[0-7]{1,3}', '" , "', re.sub(r'[()]', ' , ', line)), defined):
                if ' ' in s.strip() and len(s) > 5:
                    found.append((f'{path}:{number}', s.strip()))
    return found


def lines_of(document):
    """The lines of its blocks `text`."""
    found = []
    for block in re.findall(r'^```text\n(.*?)^```', document, re.M | re.S):
        found += [line for line in block.split('\n') if line.strip() and line.strip() != '…']
    return found


def stands_for(line, text):
    pattern = '.*'.join(re.escape(part) for part in line.split('…'))
    return re.fullmatch(pattern, text, re.S) is not None


def compare(document):
    wrong = []
    texts, lines = texts_of_tools(), lines_of(document)
    used = {line: set() for line in lines}
    for where, text in texts:
        matching = [line for line in lines if stands_for(line, text)]
        for line in matching:
            used[line].add(text)
        if not matching:
            wrong.append(f'{where}: not in the document: {text}')
    pieces = [piece for _, piece in texts_of_rt()]
    for where, piece in texts_of_rt():
        if piece not in document:
            wrong.append(f'{where}: not in the document: {piece}')
    for line, said in used.items():
        if not said and not any(piece in line for piece in pieces):
            wrong.append(f'nothing says: {line}')
        if len(said) > MOST:
            wrong.append(f'this stands for {len(said)} texts, which is no help to anybody: {line}')
    for rule in re.findall(r'RULE\("([\w-]+)"', read('elfpatch/lib/verify.c')):
        if f'\n### {rule}\n' not in document:
            wrong.append(f'elfpatch/lib/verify.c: the document has no heading for the rule {rule}')
    return wrong


def main():
    if sys.argv[1:] == ['--list']:
        for where, text in sorted(texts_of_tools()) + texts_of_rt():
            print(f'{where}: {text}')
        return
    wrong = compare(read(sys.argv[1]))
    sys.exit('\n'.join(wrong) if wrong else 0)


main()
