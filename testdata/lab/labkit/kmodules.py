# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel modules and shared libraries that an initramfs needs."""
import gzip
import lzma
import os
import re
import subprocess


def find_modules(folder):
    """{name: path}; there is no modules.dep in a kernel package that was only unpacked."""
    modules = {}
    for path, _, files in os.walk(folder):
        for file in files:
            match = re.match(r'(.+)\.ko(\.xz|\.zst|\.gz)?$', file)
            if match:
                modules[match[1].replace('-', '_')] = os.path.join(path, file)
    return modules


def read_module(path):
    if path.endswith('.zst'):
        return subprocess.run(['zstd', '-dc', path], check=True, capture_output=True).stdout
    opener = lzma.open if path.endswith('.xz') else gzip.open if path.endswith('.gz') else open
    with opener(path, 'rb') as file:
        return file.read()


def modules_with_dependencies(folder, wanted):
    """([(name, content) in the order to load them], [names of no module: built in, or none])"""
    available = find_modules(folder)
    ordered, missing = {}, []

    def visit(name):
        if name in ordered or name in missing:
            return
        if name not in available:
            missing.append(name)
            return
        content = read_module(available[name])
        depends = re.search(rb'\0depends=([^\0]*)\0', b'\0' + content)
        for dependency in depends[1].decode().split(',') if depends and depends[1] else []:
            visit(dependency.replace('-', '_'))
        ordered[name] = content

    for name in wanted:
        visit(name)
    return list(ordered.items()), missing


def shared_libraries(program):
    """{path in the guest: path here} of what a dynamic program needs; nothing for a static one."""
    output = subprocess.run(['ldd', program], capture_output=True, text=True).stdout
    return {path: path for path in re.findall(r'(/\S+\.so[.\d]*)', output)}


def foreign_libraries(program, tree):
    """The same for a program of another machine, whose libraries are in an unpacked tree."""
    there = {
        name: os.path.join(folder, name)
        for folder, _, names in os.walk(tree)
        for name in names
        if '.so' in name and os.path.exists(os.path.join(folder, name))
    }
    libraries, todo = {}, [program]
    while todo:
        text = subprocess.run(
            ['readelf', '-dlW', todo.pop()], capture_output=True, text=True, check=True
        ).stdout
        found = re.findall(r'interpreter: (/[^]]+)', text)
        found += ['/lib/' + name for name in re.findall(r'\(NEEDED\).*\[(.*)\]', text)]
        for path in found:
            name = os.path.basename(path)
            if name in map(os.path.basename, libraries):
                continue
            libraries[path] = there[name]
            todo.append(there[name])
    return libraries
