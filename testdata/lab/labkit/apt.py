# SPDX-License-Identifier: GPL-2.0-or-later
"""Downloads Debian packages of any architecture, without touching this machine's own apt."""
import glob
import os
import re
import shutil
import subprocess

from .machines import MACHINES
from .paths import work_folder

SUITES = (
    'debian bookworm',
    'debian trixie',
    'debian trixie-backports',
    'debian forky',
    'debian sid',
    'debian experimental',
    'debian-security bookworm-security',
)
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'


class Apt:
    """An apt state of its own, with suites that the machine itself does not use."""

    def __init__(self, mirror, architecture='amd64', suites=None):
        native = architecture == 'amd64'
        name = 'apt' if native else 'apt-' + architecture
        if suites:
            name += '-tools'
        elif native:
            suites = SUITES
        else:
            suites = MACHINES[architecture].suites.split(',')
        self.root = root = os.path.join(work_folder(), name)
        for folder in ('lists/partial', 'cache/archives/partial'):
            os.makedirs(os.path.join(root, folder), exist_ok=True)
        self.config = os.path.join(root, 'apt.conf')
        with open(os.path.join(root, 'sources.list'), 'w') as sources:
            for suite in suites:
                print('deb [signed-by=%s] %s/%s main' % (KEYRING, mirror, suite), file=sources)
        with open(os.path.join(root, 'no-status'), 'w'):
            pass
        with open(self.config, 'w') as config:
            config.write(
                'Dir::State::Lists "%(r)s/lists";\nDir::Cache "%(r)s/cache";\n'
                'Dir::Etc::SourceList "%(r)s/sources.list";\nDir::Etc::SourceParts "/dev/null";\n'
                'Acquire::Languages "none";\nAPT::Sandbox::User "root";\n' % {'r': root}
            )
            if not native:
                config.write(
                    'APT::Architecture "%(a)s";\nAPT::Architectures { "%(a)s"; };\n'
                    'Dir::State::status "%(r)s/no-status";\n' % {'a': architecture, 'r': root}
                )
        self.environment = dict(
            os.environ, APT_CONFIG=self.config, DEBIAN_FRONTEND='noninteractive'
        )
        self.updated = False

    def run(self, *command, **keywords):
        return subprocess.run(command, env=self.environment, check=True, **keywords)

    def update(self):
        if not self.updated:
            self.run('apt-get', 'update', '-qq')
            self.updated = True

    def offered(self, pattern):
        """Names of the linux packages that match and can be had."""
        self.update()
        result = self.run('apt-cache', 'pkgnames', 'linux-', capture_output=True, text=True)
        # pkgnames also lists names that are only mentioned: ask which have a version to download
        names = [name for name in result.stdout.split() if re.fullmatch(pattern, name)]
        if not names:
            return set()
        policy = self.run('apt-cache', 'policy', *names, capture_output=True, text=True).stdout
        return {
            name
            for name, candidate in re.findall(r'^(\S+):\n.*\n  Candidate: (\S+)', policy, re.M)
            if candidate != '(none)'
        }

    def download(self, package, folder):
        """Downloads one package and gives the path of the .deb."""
        self.update()
        os.makedirs(folder, exist_ok=True)
        have = glob.glob(os.path.join(folder, glob.escape(package) + '_*.deb'))
        if not have:
            print('downloading', package, flush=True)
            self.run('apt-get', 'download', '-qq', package, cwd=folder)
            have = glob.glob(os.path.join(folder, glob.escape(package) + '_*.deb'))
        return have[0]

    def download_with_dependencies(self, suite, packages):
        """Downloads packages and all they depend on; gives the paths of the .debs."""
        self.update()
        folder = os.path.join(self.root, 'tools')
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder + '/partial')
        self.run(
            'apt-get',
            '-o',
            'Dir::State::status=' + os.path.join(self.root, 'no-status'),
            '-o',
            'Dir::Cache::archives=' + folder,
            '-o',
            'Debug::NoLocking=1',
            '-t',
            suite,
            'install',
            '--download-only',
            '--no-install-recommends',
            '-y',
            '-qq',
            *packages
        )
        return glob.glob(os.path.join(folder, '*.deb'))

    def unpack_with_dependencies(self, suite, packages, folder):
        for deb in self.download_with_dependencies(suite, packages):
            unpack(deb, folder)
        shutil.rmtree(os.path.join(self.root, 'tools'))


def unpack(deb, folder):
    os.makedirs(folder, exist_ok=True)
    subprocess.run(['dpkg', '-x', deb, folder], check=True)
