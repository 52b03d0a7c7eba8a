#!/usr/bin/env python3
"""Checks the layers of the tree against the table in docs/contributing.md.

layers.py includes       the #include lines of every C, header and assembly file of a layer
layers.py symbols BUILD  the undefined symbols of the objects that were built
"""

import glob
import os
import re
import subprocess
import sys

THIRD_PARTY = re.compile(r'(gelf|libelf|jansson|zlib)\.h|nettle/|elfutils/')
# What the linker defines: places, POWER's functions that save registers, names of the ABI of arm and MIPS.
LINKER = re.compile(r'_DYNAMIC|_GLOBAL_OFFSET_TABLE_|_end|__ehdr_start|\.TOC\.|_(save|rest)gpr[01]_\d+|__aeabi_unwind_cpp_pr[012]'
                    r'|_gp_disp')
# Code that tools share neither prints nor ends the process.
FORBIDDEN_IN_LIB = {'printf', 'puts', 'putchar', 'perror', 'stdout', 'stderr', 'exit', '_exit', 'abort', 'getenv', 'fork',
                    'execve', 'posix_spawn', 'system'}


def layers():
    """folder -> (what of the tree it may include, what else): the rows of the table."""
    found = {}
    with open('docs/contributing.md', encoding='utf-8') as file:
        table = re.search(r'^\| layer \|.*?(?=^$)', file.read(), re.M | re.S)
        for row in re.findall(r'^\| `(\S+/)` \|([^|]*)\|([^|]*)\|', table[0] if table else '', re.M):
            found[row[0]] = (re.findall(r'`([^`<]+)`', row[1]),
                             re.findall(r'`<([^`>]+)>`', row[2]) + (['libc'] if 'libc' in row[2] else []))
    return found


def layer_of(path, table):
    """The longest folder of the table that holds the path."""
    return max((folder for folder in table if path.startswith(folder)), key=len, default=None)


def resolve(path, name):
    """Where an include in quotes leads: beside the file, or in the folders that the build adds for rt."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    if os.path.exists(beside):
        return beside
    # A port's own header, by one of the ports: all have the same files.
    for folder in ('rt', 'rt/arch/x86_64'):
        if path.startswith('rt/') and os.path.exists(f'{folder}/{name}'):
            return f'{folder}/{name}'
    return None


def check_includes():
    table, wrong, seen = layers(), [], 0
    if not table:
        return ['docs/contributing.md: no table of layers']
    files = subprocess.run(['git', 'ls-files', '--', *table], check=True, capture_output=True, text=True).stdout.split()
    for path in files:
        if not re.search(r'\.([chS]|inc|def)$', path):
            continue
        with open(path, encoding='utf-8') as file:
            lines = file.read().split('\n')
        own, others = table[layer_of(path, table)]
        for number, line in enumerate(lines, 1):
            match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
            if not match:
                continue
            seen += 1
            where = f'{path}:{number}: {line.strip()}'
            if match[1] == '"':
                target = resolve(path, match[2])
                if not target:
                    wrong.append(f'{where}: leads nowhere')
                elif not any(target == one or (one.endswith('/') and layer_of(target, table) == one) for one in own):
                    wrong.append(f'{where}: {target} is not for this layer')
            elif THIRD_PARTY.match(match[2]) or 'libc' not in others:
                if not any(match[2] == one or (one.endswith('/') and match[2].startswith(one)) for one in others):
                    wrong.append(f'{where}: not for this layer')
    return wrong if seen > 100 else [f'only {seen} includes were seen']


def symbols(objects, kinds):
    """name -> object, of the symbols of those kinds (nm)."""
    output = subprocess.run(['nm', '-A', '-g', *objects], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in output.split('\n'):
        match = re.match(r'(\S+?):\s*(?:[0-9a-f]+)?\s+(\w)\s+(\S+)$', line)
        if match and match[2] in kinds:
            found[match[3]] = match[1]
    return found


def check_symbols(build):
    wrong = []
    objects = {layer: glob.glob(f'{build}/obj/{layer}*.o') for layer in ('elfpatch/lib/', 'elfpatch/', 'ldwrap/')}
    rt = glob.glob(f'{build}/lib/rt0/*/*.o')
    for layer, files in objects.items():
        if len(files) < 10:
            return [f'{build}/obj/{layer}: only {len(files)} objects']
    defined = {layer: symbols(files, 'TDBRVW') for layer, files in objects.items()}
    # By the objects, as by the includes: what a layer uses is its own, the library's, or libc's.
    for layer, above in (('elfpatch/lib/', ('elfpatch/', 'ldwrap/')), ('elfpatch/', ('ldwrap/',)), ('ldwrap/', ('elfpatch/',))):
        for name, user in symbols(objects[layer], 'U').items():
            if name in defined[layer] or name in defined['elfpatch/lib/']:
                continue
            wrong += [f'{user}: {name} is of {other}' for other in above if name in defined[other]]
    wrong += [f'{user}: {name}: the library neither prints nor ends the process'
              for name, user in symbols(objects['elfpatch/lib/'], 'U').items() if name in FORBIDDEN_IN_LIB]
    # rt: what it needs for certain is its own; what it takes from libc is weak.
    if not rt:
        return wrong + [f'{build}/lib/rt0: no objects']
    for name, user in symbols(rt, 'U').items():
        if not name.startswith('rt0_') and not LINKER.fullmatch(name):
            wrong.append(f'{user}: {name} is not of rt, and not weak')
    return wrong


def main():
    wrong = check_includes() if sys.argv[1] == 'includes' else check_symbols(sys.argv[2])
    sys.exit('\n'.join(wrong) if wrong else 0)


main()
